#!/bin/bash
# fetch_release.sh OUTPUT_DIR: gets the released Java jar of Mesos 1.11.0 from Maven's registry, by name and version, and
# writes the descriptors of its v1 API to OUTPUT_DIR. What was fetched once is kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
output=$1
mkdir -p "$output"
cd "$output"
for artifact in org.apache.mesos:mesos:1.11.0 com.google.protobuf:protobuf-java:3.5.0; do
  name=$(cut -d: -f2 <<<"$artifact")-$(cut -d: -f3 <<<"$artifact").jar
  [ -s "$name" ] || mvn -q -B dependency:copy -Dartifact="$artifact" -DoutputDirectory=.
done
java -cp mesos-1.11.0.jar:protobuf-java-3.5.0.jar "$here/DumpDescriptors.java" . \
  org.apache.mesos.v1.Protos org.apache.mesos.v1.scheduler.Protos org.apache.mesos.v1.executor.Protos
