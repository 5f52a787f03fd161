#!/bin/bash
# Installs what building and testing Tepui needs, on Debian 12. Elsewhere it prints what it would need and ends with 1.
# Quick and silent when everything is there. `--build` leaves out what only tests need.
set -euo pipefail

build_packages=(
  ninja-build cmake g++ ccache pkg-config
  libboost1.81-dev libboost-filesystem1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libprotobuf-dev protobuf-compiler libseccomp-dev libcap-dev libmnl-dev libssl-dev libcurl4-openssl-dev
  libarchive-dev libsqlite3-dev libre2-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev
  libyaml-cpp-dev libsystemd-dev libgtest-dev libgmock-dev libbenchmark-dev
)
test_packages=(
  clang libclang-rt-14-dev clang-format git curl iproute2 jq
  python3 python3-venv python3-http-parser python3-kazoo python3-six
)

packages=("${build_packages[@]}")
if [ "${1:-}" != --build ]; then
  packages+=("${test_packages[@]}")
  command -v java >/dev/null || packages+=(default-jdk-headless)
  command -v mvn >/dev/null || packages+=(maven)
fi

if ! grep -qs '^ID=debian$' /etc/os-release || ! grep -qs '^VERSION_ID="12"$' /etc/os-release; then
  if [ -n "${TEPUI_DEPS_ARE_THERE:-}" ]; then exit 0; fi
  echo "install_deps.sh knows Debian 12 only. Here it would need what these Debian packages hold:" >&2
  printf '  %s\n' "${packages[@]}" >&2
  echo "Install them your way and set TEPUI_DEPS_ARE_THERE=1." >&2
  exit 1
fi

missing=()
installed=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' "${packages[@]}" 2>/dev/null | awk '$2 == "ii" {print $1}' || true)
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_deps.sh needs root (or sudo) to install: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }
apt_get update >/dev/null
apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null
