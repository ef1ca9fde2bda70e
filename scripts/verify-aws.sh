#!/usr/bin/env bash
# Runs the scenarios of e2e/emulator on AWS itself:
#
#   scripts/verify-aws.sh ACCOUNT             run them, and delete everything again
#   scripts/verify-aws.sh --dry-run ACCOUNT   look whether it could, and say what it would make
#   scripts/verify-aws.sh --clean ACCOUNT     delete what a run left that was killed
#
# It refuses unless the account is named, the credentials in the environment are of that account, AWS_REGION is set,
# and neither serin nor anything named serin-verify is there. Everything that it makes is named serin-verify, but for
# the core's parameter /serin/core and its policies and runbooks, serin-*. It deletes all of it at the end, also when
# it fails or is interrupted. The KMS key of the core waits 30 days for its deletion, as AWS wants it, free of charge.
#
# It needs the AWS CLI, Docker, Go and node, and credentials that may make roles. It takes about half an hour and costs
# less than a dollar: 18 Fargate tasks of a quarter of a vCPU for half an hour (0.25 USD with their addresses), and some
# cents for SQS, CloudWatch, Step Functions and ECR. Where ECS has never been used, the role with which it works in the
# account is made, and stays.
set -euo pipefail
cd "$(dirname "$0")/.."

refuse() { echo "verify-aws: $*; nothing was done" >&2; exit 2; }
mode=run
case ${1:-} in
--dry-run | --clean) mode=${1#--}; shift ;;
-*) refuse "$1 is no option of this; there are --dry-run and --clean" ;;
esac
account=${1:-}
[[ $account =~ ^[0-9]{12}$ ]] || refuse "name the account that this may use and pay with: make verify-aws ACCOUNT=123456789012"
[ -n "${AWS_REGION:-}" ] || refuse "AWS_REGION is not set; say in which region this may work"
export AWS_DEFAULT_REGION=$AWS_REGION AWS_PAGER=
command -v aws >/dev/null || refuse "the AWS CLI is missing"
is=$(aws sts get-caller-identity --query Account --output text) || refuse "the credentials do not work"
[ "$is" = "$account" ] || refuse "the credentials are of account $is and not of $account"

clean() {
	echo "verify-aws: deleting what was made"
	(cd e2e/emulator && ACCOUNT=$account ../../build/e2e/verify.test -test.count=1 -test.timeout 60m -test.v -test.run '^TestCleanAWS$')
}
test_program() {
	mkdir -p build/e2e
	go test -c -tags aws -o build/e2e/verify.test ./e2e/emulator
}
if [ $mode = clean ]; then
	test_program
	clean
	exit
fi

found=$(aws ssm get-parameter --name /serin/core 2>&1) && refuse "serin is installed in account $account, region $AWS_REGION; take another account or region"
[[ $found == *ParameterNotFound* ]] || refuse "it cannot be seen whether serin is installed: $found"
there=$(aws cloudformation describe-stacks --query "Stacks[?starts_with(StackName, 'serin-verify')].StackName" --output text) || refuse "the stacks cannot be listed"
[ -z "$there" ] || refuse "these stacks are there already, perhaps of a run before: $there; scripts/verify-aws.sh --clean $account deletes them"
if [ -z "${AWS_ENDPOINT_URL:-}" ]; then # an emulator's credentials are always the root user's
	[[ $(aws sts get-caller-identity --query Arn --output text) != *:root ]] || refuse "the credentials are the root user's, who can take on no role; use those of a role or a user that may make roles"
fi
command -v docker >/dev/null || refuse "Docker is missing; the workers' images are built with it"
command -v node >/dev/null || refuse "node is missing; the template is rendered with it"
subnets=$(aws ec2 describe-subnets --filters Name=default-for-az,Values=true --query 'length(Subnets)' --output text) || refuse "the subnets cannot be listed"
[ "$subnets" != 0 ] || refuse "account $account has no default subnets in $AWS_REGION; the workers need some with a way to the internet"
if [ $mode = dry-run ]; then
	echo "verify-aws: in account $account, region $AWS_REGION, this would make the stacks serin-verify, serin-verify-good, -bad, -stopped,"
	echo "-superseded and -denied (and one with the roles of each), 18 Fargate tasks in the default subnets, and the bucket"
	echo "serin-verify-$account-$AWS_REGION; and delete them again. Half an hour, less than a dollar. Nothing was done."
	exit
fi

GOARCH=arm64 scripts/build-functions.sh
CDK_OUTDIR=build/e2e/cdk.out go run ./infra/app
go build -o build/e2e/serin ./cmd/serin
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o build/e2e/worker ./e2e/emulator/worker
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o build/e2e/example ./examples/queue-worker/worker
test_program

finish() {
	local status=$?
	trap '' INT TERM HUP # cleaning is not interrupted
	clean || status=1
	exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
(cd e2e/emulator && ACCOUNT=$account ../../build/e2e/verify.test -test.count=1 -test.timeout 90m -test.parallel 8 -test.v -test.run '^TestVerifyAWS$')
