# zonewright with git, for CI and for machines without Rust:
#   docker build --tag zonewright .
#   docker run --rm --volume "$PWD:/zones" zonewright lint
#   docker run --rm --volume "$PWD:/zones" --user "$(id -u):$(id -g)" zonewright fmt
FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo static --locked && cp target/*/release/zonewright /zonewright

FROM alpine:3.23
LABEL org.opencontainers.image.source="https://github.com/zonewright/zonewright" \
      org.opencontainers.image.description="Lints DNS zone files and plans SRV record changes for Edge pool failover" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# Git reads the zones of a commit to compare with. They mostly belong to another user than the one of
# the container, which git would take for a trap.
# hadolint ignore=DL3018
RUN apk add --no-cache git && git config --system --add safe.directory '*'
COPY LICENSE-MIT LICENSE-APACHE /usr/share/licenses/zonewright/
COPY --from=build /zonewright /usr/local/bin/zonewright
USER 10001:10001
WORKDIR /zones
ENTRYPOINT ["zonewright"]
