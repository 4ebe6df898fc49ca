# Inside the lab: a controller and a worker, and the sensor on $IFACE, which hops.
# What they found is written when the lab ends this script.
cd /share/live
export SENTINEL_PORT=8000 HOME=/tmp
data=/tmp/data state=/tmp/sensor
setsid sentinel controller --lab --data $data >controller.log 2>&1 &
controller=$!
setsid sentinel worker --lab --data $data >worker.log 2>&1 &
worker=$!
ready() { python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz')" 2>/dev/null; }
for _ in $(seq 120); do ready && break; sleep 1; done
code=$(sentinel sensors enroll attic --lab --data $data 2>enroll.log | grep -E '^[a-z2-7]{6}-' | head -1)
sentinel sensor join http://127.0.0.1:8000 "$code" --state-dir $state
sentinel sensor interfaces >interfaces.txt
token=$(sentinel token create live --role viewer --lab --data $data 2>/dev/null | grep -oE 'snl_[A-Za-z0-9_]+')
printf 'channels_mhz = [2412, 2437, 2462]\n' >sensor.toml
setsid sentinel sensor run --interface "$IFACE" --state-dir $state --config sensor.toml >sensor.log 2>&1 &
agent=$!
get() {
  python3 -c "
import sys, urllib.request as u
ask = u.Request('http://127.0.0.1:8000/api/v1/$1', headers={'Authorization': 'Bearer $token'})
sys.stdout.buffer.write(u.urlopen(ask).read())" >"$2"
}
finish() {
  sentinel sensor status --state-dir $state >status.txt
  kill -TERM $agent; wait $agent; echo $? >agent.status
  sleep 3
  get 'alerts?limit=500' alerts.json
  get 'sensors/attic' sensor.json
  kill -TERM $controller $worker; wait $controller $worker
  exit 0
}
trap finish TERM
touch ready
while :; do sleep 1; done
