/**
 * The messages and services of Agones' SDK as its clients have them on the wire: names, numbers and types of fields are the published interface
 * (agones.dev/agones, SDK 1.x), the text is ours. Text instead of .proto files, so that it travels with the code however Atlas is packed.
 */
export const protoTexts: readonly string[] = [
  `syntax = "proto3";
  package agones.dev.sdk;

  service SDK {
    rpc Ready (Empty) returns (Empty);
    rpc Allocate (Empty) returns (Empty);
    rpc Shutdown (Empty) returns (Empty);
    rpc Health (stream Empty) returns (Empty);
    rpc GetGameServer (Empty) returns (GameServer);
    rpc WatchGameServer (Empty) returns (stream GameServer);
    rpc SetLabel (KeyValue) returns (Empty);
    rpc SetAnnotation (KeyValue) returns (Empty);
    rpc Reserve (Duration) returns (Empty);
  }
  message Empty {}
  message KeyValue { string key = 1; string value = 2; }
  message Duration { int64 seconds = 1; }
  message GameServer {
    ObjectMeta object_meta = 1;
    Spec spec = 2;
    Status status = 3;
    message ObjectMeta {
      string name = 1;
      string namespace = 2;
      string uid = 3;
      string resource_version = 4;
      int64 generation = 5;
      int64 creation_timestamp = 6;
      int64 deletion_timestamp = 7;
      map<string, string> annotations = 8;
      map<string, string> labels = 9;
    }
    message Spec {
      Health health = 1;
      message Health {
        bool disabled = 1;
        int32 period_seconds = 2;
        int32 failure_threshold = 3;
        int32 initial_delay_seconds = 4;
      }
    }
    message Status {
      message Address { string type = 1; string address = 2; }
      message Port { string name = 1; int32 port = 2; }
      message PlayerStatus { int64 count = 1; int64 capacity = 2; repeated string ids = 3; }
      message CounterStatus { int64 count = 1; int64 capacity = 2; }
      message ListStatus { int64 capacity = 1; repeated string values = 2; }
      string state = 1;
      string address = 2;
      repeated Port ports = 3;
      PlayerStatus players = 4;
      map<string, CounterStatus> counters = 5;
      map<string, ListStatus> lists = 6;
      repeated Address addresses = 7;
    }
  }`,

  // Of Google's well-known types, with the numbers that they are known by.
  `syntax = "proto3";
  package google.protobuf;
  message Int64Value { int64 value = 1; }
  message StringValue { string value = 1; }
  message FieldMask { repeated string paths = 1; }
  message Empty {}`,

  `syntax = "proto3";
  package agones.dev.sdk.beta;

  service SDK {
    rpc GetCounter (GetCounterRequest) returns (Counter);
    rpc UpdateCounter (UpdateCounterRequest) returns (Counter);
    rpc GetList (GetListRequest) returns (List);
    rpc UpdateList (UpdateListRequest) returns (List);
    rpc AddListValue (AddListValueRequest) returns (List);
    rpc RemoveListValue (RemoveListValueRequest) returns (List);
  }
  message Counter { string name = 1; int64 count = 2; int64 capacity = 3; }
  message CounterUpdateRequest {
    string name = 1;
    google.protobuf.Int64Value count = 2;
    google.protobuf.Int64Value capacity = 3;
    int64 countDiff = 4;
  }
  message GetCounterRequest { string name = 1; }
  message UpdateCounterRequest { CounterUpdateRequest counterUpdateRequest = 1; }
  message List { string name = 1; int64 capacity = 2; repeated string values = 3; }
  message GetListRequest { string name = 1; }
  message UpdateListRequest { List list = 1; google.protobuf.FieldMask update_mask = 2; }
  message AddListValueRequest { string name = 1; string value = 2; }
  message RemoveListValueRequest { string name = 1; string value = 2; }`,

  `syntax = "proto3";
  package agones.dev.sdk.alpha;

  service SDK {
    rpc PlayerConnect (PlayerID) returns (Bool);
    rpc PlayerDisconnect (PlayerID) returns (Bool);
    rpc SetPlayerCapacity (Count) returns (Empty);
    rpc GetPlayerCapacity (Empty) returns (Count);
    rpc GetPlayerCount (Empty) returns (Count);
    rpc IsPlayerConnected (PlayerID) returns (Bool);
    rpc GetConnectedPlayers (Empty) returns (PlayerIDList);
  }
  message Empty {}
  message Count { int64 count = 1; }
  message Bool { bool bool = 1; }
  message PlayerID { string playerID = 1; }
  message PlayerIDList { repeated string list = 1; }`,
];
