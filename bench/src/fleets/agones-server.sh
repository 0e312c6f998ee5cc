#!/usr/bin/env bash
# A game server of the restart bench that knows Agones' SDK alone, by its REST paths: says that it is ready, then every four seconds that it is well.
# A shell, because two hundred of them are to be real processes, and cost little.

say() {
  exec 3<>"/dev/tcp/127.0.0.1/$AGONES_SDK_HTTP_PORT" || return 1
  printf 'POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}' "$1" >&3
  local line
  read -r -t 2 line <&3
  exec 3>&- 3<&-
  [[ $line == *' 200 '* ]]
} 2>/dev/null

# Waits without a process of its own.
exec 4<> <(:)
pause() { read -r -t "$1" -u 4; }

until say /ready; do pause 0.2; done
while true; do
  pause 4
  # While Atlas is away nobody hears it; it goes on.
  say /health
done
