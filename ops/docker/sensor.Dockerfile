# The sensor agent, without server and database libraries.  Built from the root of the
# project:
#   docker build -f ops/docker/sensor.Dockerfile -t localhost/sentinel-netlab-sensor:VERSION .
# Join once, with the code of `sentinel sensors enroll` (it is read from the terminal):
#   docker run --rm -it -v sentinel-sensor:/var/lib/sentinel-sensor IMAGE \
#     sentinel sensor join https://wids.example -
# Then listen on a radio of this machine.  Radios and monitor interfaces are those of the
# host's network namespace, so the container shares it:
#   docker run -d --name sentinel-sensor --init --network host --restart unless-stopped \
#     --read-only --tmpfs /tmp:size=64m,mode=1777,noexec,nosuid,nodev --stop-timeout 30 \
#     --cap-drop ALL --cap-add NET_RAW --cap-add NET_ADMIN --pids-limit 128 --memory 512m \
#     -v sentinel-sensor:/var/lib/sentinel-sensor -v /etc/sentinel:/etc/sentinel:ro \
#     IMAGE sentinel-radio sensor run --interface wlan0
# Docker gives a user other than root no capability by itself; `sentinel-radio` is
# `sentinel` with an interpreter that carries these two.  That is why no-new-privileges
# must not be set for it, and why it does not start without both.  All else (replays,
# `sentinel analyze`, `sentinel sensor status`) is `sentinel`, which needs none and takes
# `--security-opt no-new-privileges`.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/build && python -m venv /opt/sentinel
WORKDIR /source
COPY requirements/build.txt requirements/sensor.txt requirements/
RUN /opt/build/bin/pip install -q --require-hashes -r requirements/build.txt \
 && /opt/sentinel/bin/pip install -q --require-hashes -r requirements/sensor.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/build/bin/pip wheel -q --no-deps --no-build-isolation -w /wheels . \
 && /opt/sentinel/bin/pip install -q --no-deps --no-index /wheels/*.whl \
 && /opt/sentinel/bin/python -m compileall -q /opt/sentinel/lib \
 && sed '1s,/python.*,/python-radio,' /opt/sentinel/bin/sentinel >/opt/sentinel/bin/sentinel-radio \
 && chmod 755 /opt/sentinel/bin/sentinel-radio \
 && /opt/sentinel/bin/pip uninstall -q -y setuptools pip

FROM python:3.11-slim-bookworm
ARG SENTINEL_VERSION=unknown
ARG SENTINEL_COMMIT=unknown
LABEL org.opencontainers.image.title="Sentinel NetLab sensor" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${SENTINEL_VERSION}" \
      org.opencontainers.image.revision="${SENTINEL_COMMIT}"
RUN groupadd --gid 10001 sentinel \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin sentinel \
 && install -d -o 10001 -g 10001 -m 700 /var/lib/sentinel-sensor
COPY --from=build /opt/sentinel /opt/sentinel
# File capabilities, version 2, effective: CAP_NET_ADMIN (12) and CAP_NET_RAW (13).
RUN install -o 0 -g 10001 -m 750 "$(readlink -f /opt/sentinel/bin/python)" /opt/sentinel/bin/python-radio \
 && python -c 'import os, struct; os.setxattr("/opt/sentinel/bin/python-radio", "security.capability", struct.pack("<5I", 0x02000001, 1 << 12 | 1 << 13, 0, 0, 0))'
ENV PATH=/opt/sentinel/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME /var/lib/sentinel-sensor
# The agent writes its status every two seconds; this reads it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["sentinel", "sensor", "status"]
CMD ["sentinel", "sensor", "--help"]
