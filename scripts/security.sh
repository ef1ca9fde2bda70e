#!/usr/bin/env bash
# Runs cfn-lint and checkov over every rendered template. What is left out, and why:
#
#   W3005                       the CDK writes dependencies that are there anyway
#   CKV_AWS_18                  access logs of the reports' bucket, of the pipeline's artifacts, and of access logs
#   CKV_AWS_115, 116, 117, 173  functions: concurrency is not reserved (new accounts have too little), dead letters are
#                               EventBridge's and Step Functions', no network is needed, variables hold no secret
#   CKV_AWS_27, 119, 136, 158   keys are AWS's own, not the customer's: queues, the ledger, images, logs
#   CKV_AWS_21                  versions of artifacts that live 30 days, and of access logs
#
# What holds for one resource only stands beside it: internal/proxy/stack.yaml. cdk-nag's are in examples/examples_test.go.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
shopt -s globstar
templates=(cdk.out/**/*.template.json)
"$bin/cfn-lint" --ignore-checks W3005 --non-zero-exit-code warning -- "${templates[@]}"
arguments=()
for template in "${templates[@]}"; do arguments+=(--file "$template"); done
LOG_LEVEL=ERROR "$bin/checkov" --framework cloudformation --compact --quiet --skip-download \
  --skip-check CKV_AWS_18,CKV_AWS_21,CKV_AWS_27,CKV_AWS_115,CKV_AWS_116,CKV_AWS_117,CKV_AWS_119,CKV_AWS_136,CKV_AWS_158,CKV_AWS_173 \
  "${arguments[@]}"
