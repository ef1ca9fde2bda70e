#!/usr/bin/env bash
# Installs, pinned and into .tools, what the proofs on others' parts need:
#
#   scripts/foreign-tools.sh interpreters  a node of version 22, aws-local-stepfunctions with asl-validator, and moto
#   scripts/foreign-tools.sh emulator      MiniStack and the AWS CLI
#   scripts/foreign-tools.sh proxies       Envoy; nginx comes from the distribution
#
# It needs python3 with venv, and npm. What is there already in the wanted version is left as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
NODE_VERSION=22.23.3

missing() { echo "foreign-tools: $*" >&2; exit 1; }
command -v python3 >/dev/null || missing "python3 is missing; install Python 3.10 or newer"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || missing "$(python3 --version) is too old; Python 3.10 or newer is needed"
python3 -c 'import ensurepip' 2>/dev/null || missing "python3 has no ensurepip; install it (Debian: python3-venv)"

# install NAME SOURCE COMMAND...: runs the command unless NAME was installed from the same SOURCE.
install() {
	local name=$1 stamp=.tools/$1.stamp source
	source=$(cat "$2" | sha256sum)
	shift 2
	if [ -d ".tools/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$source" ]; then return; fi
	echo "foreign-tools: installing $name into .tools/$name"
	rm -rf ".tools/$name"
	"$@"
	echo "$source" >"$stamp"
}

python() {
	python3 -m venv ".tools/$1"
	# Most modules are never imported; those that are get compiled then.
	".tools/$1/bin/pip" install --quiet --disable-pip-version-check --no-compile --requirement "$2"
}

node() {
	command -v npm >/dev/null || missing "npm is missing; install Node.js"
	mkdir -p .tools/awslocal
	cp e2e/interpreters/awslocal/package.json e2e/interpreters/awslocal/package-lock.json e2e/interpreters/awslocal/.npmrc .tools/awslocal/
	(cd .tools/awslocal && npm ci --silent --no-audit --no-fund --engine-strict=false)
	# The package with the program itself: no install script has to run.
	local platform machine
	platform=$(uname -s | tr '[:upper:]' '[:lower:]')
	machine=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
	mkdir -p .tools/node22
	npm install --silent --no-audit --no-fund --prefix .tools/node22 "node-$platform-$machine@$NODE_VERSION"
	ln -sfn "$PWD/.tools/node22/node_modules/node-$platform-$machine/bin/node" .tools/node
	.tools/node --version | grep -q "^v22\." || missing ".tools/node does not run, or is no version 22"
}

mkdir -p .tools
case ${1:-} in
interpreters)
	install awslocal e2e/interpreters/awslocal/package-lock.json node
	install moto e2e/interpreters/moto/requirements.txt python moto e2e/interpreters/moto/requirements.txt
	;;
emulator)
	install emulator e2e/emulator/requirements.txt python emulator e2e/emulator/requirements.txt
	;;
proxies)
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing "nginx is missing; install it (Debian, Ubuntu: apt-get install nginx-light; Fedora: dnf install nginx)"
	install proxies e2e/mirror/requirements.txt python proxies e2e/mirror/requirements.txt
	;;
*)
	sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
