/** The messages of Agones' allocator service as its clients have them on the wire: names, numbers and types of fields are the published interface (allocation.proto), the text is ours. */
export const allocationProtoText = `syntax = "proto3";
package allocation;

service AllocationService {
  rpc Allocate (AllocationRequest) returns (AllocationResponse);
}
message AllocationRequest {
  enum SchedulingStrategy { Packed = 0; Distributed = 1; }
  string namespace = 1;
  MultiClusterSetting multiClusterSetting = 2;
  GameServerSelector requiredGameServerSelector = 3;
  repeated GameServerSelector preferredGameServerSelectors = 4;
  SchedulingStrategy scheduling = 5;
  MetaPatch metaPatch = 6;
  MetaPatch metadata = 7;
  repeated GameServerSelector gameServerSelectors = 8;
  repeated Priority priorities = 9;
  map<string, CounterAction> counters = 10;
  map<string, ListAction> lists = 11;
}
message MultiClusterSetting { bool enabled = 1; LabelSelector policySelector = 2; }
message LabelSelector { map<string, string> matchLabels = 1; }
message MetaPatch { map<string, string> labels = 1; map<string, string> annotations = 2; }
message GameServerSelector {
  enum GameServerState { READY = 0; ALLOCATED = 1; }
  map<string, string> matchLabels = 1;
  GameServerState gameServerState = 2;
  PlayerSelector players = 3;
  map<string, CounterSelector> counters = 4;
  map<string, ListSelector> lists = 5;
}
message PlayerSelector { uint64 minAvailable = 1; uint64 maxAvailable = 2; }
message CounterSelector { int64 minCount = 1; int64 maxCount = 2; int64 minAvailable = 3; int64 maxAvailable = 4; }
message ListSelector { string containsValue = 1; int64 minAvailable = 2; int64 maxAvailable = 3; }
message Priority {
  enum Type { Counter = 0; List = 1; }
  enum Order { Ascending = 0; Descending = 1; }
  Type type = 1;
  string key = 2;
  Order order = 3;
}
message CounterAction {
  google.protobuf.StringValue action = 1;
  google.protobuf.Int64Value amount = 2;
  google.protobuf.Int64Value capacity = 3;
}
message ListAction { repeated string addValues = 1; google.protobuf.Int64Value capacity = 2; repeated string deleteValues = 3; }

message AllocationResponse {
  message GameServerStatusPort { string name = 1; int32 port = 2; }
  message GameServerStatusAddress { string type = 1; string address = 2; }
  message GameServerMetadata { map<string, string> labels = 1; map<string, string> annotations = 2; }
  message CounterStatus { google.protobuf.Int64Value count = 1; google.protobuf.Int64Value capacity = 2; }
  message ListStatus { repeated string values = 1; google.protobuf.Int64Value capacity = 2; }
  string gameServerName = 2;
  repeated GameServerStatusPort ports = 3;
  string address = 4;
  string nodeName = 5;
  string source = 6;
  GameServerMetadata metadata = 7;
  repeated GameServerStatusAddress addresses = 8;
  map<string, CounterStatus> counters = 9;
  map<string, ListStatus> lists = 10;
}`;
