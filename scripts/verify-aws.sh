#!/usr/bin/env bash
# Runs the scenarios of e2e/emulator on AWS itself: scripts/verify-aws.sh ACCOUNT
#
# It refuses unless the account is named, the credentials in the environment are of that account, AWS_REGION is set and
# serin is not installed there yet. It makes stacks named serin-verify, good, bad and stopped, with Fargate tasks in the
# default subnets, and deletes them at the end. It needs the AWS CLI, Docker, Go and node, takes about half an hour and
# costs less than a dollar. The e2e/emulator test is what decides; this only looks before it builds.
set -euo pipefail
cd "$(dirname "$0")/.."

refuse() { echo "verify-aws: $*; nothing was done" >&2; exit 2; }
account=${1:-}
[[ $account =~ ^[0-9]{12}$ ]] || refuse "name the account that this may use and pay with: make verify-aws ACCOUNT=123456789012"
[ -n "${AWS_REGION:-}" ] || refuse "AWS_REGION is not set; say in which region this may work"
command -v aws >/dev/null || refuse "the AWS CLI is missing"
is=$(aws sts get-caller-identity --query Account --output text) || refuse "the credentials do not work"
[ "$is" = "$account" ] || refuse "the credentials are of account $is and not of $account"
found=$(aws ssm get-parameter --name /serin/core 2>&1) && refuse "serin is installed in account $account, region $AWS_REGION; take another account or region"
[[ $found == *ParameterNotFound* ]] || refuse "it cannot be seen whether serin is installed: $found"
command -v docker >/dev/null || refuse "Docker is missing; the workers' images are built with it"

GOARCH=arm64 scripts/build-functions.sh
CDK_OUTDIR=build/e2e/cdk.out go run ./infra/app
go build -o build/e2e/serin ./cmd/serin
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o build/e2e/worker ./e2e/emulator/worker
ACCOUNT=$account go test -count=1 -timeout 90m -parallel 8 -tags aws -v -run TestVerifyAWS ./e2e/emulator
