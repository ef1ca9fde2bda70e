# serin: make help lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The CDK's node part warns of the end of life of the node versions named here on every start.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

BUILD := build
LINT_VERSION := v2.15.0
LINT := .tools/golangci-lint-$(LINT_VERSION)
EXAMPLE := examples/orders-worker
SECURITY := .tools/security-1

.PHONY: picture core faults faults-long mutants help demo test race fuzz lint golden synth functions bench browser interpreters e2e e2e-mirror verify-aws clean security sbom deploy diff destroy

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## rehearse one good and one bad release; needs Go only
	@mkdir -p $(BUILD)
	@go build -o $(BUILD)/serin ./cmd/serin
	@rehearse="$(BUILD)/serin rehearse -f $(EXAMPLE)/target.yaml --seed 4 --scenario $(EXAMPLE)"; \
	$$rehearse/good.yaml --report $(BUILD)/good.html; echo; \
	$$rehearse/bad.yaml --report $(BUILD)/bad.html; \
	$$rehearse/good.yaml -o json | grep -q '"released": 1'; \
	$$rehearse/bad.yaml -o json | grep -q '"rolledBack": 1'

picture: demo ## draw the report of the bad release anew for the README; needs Chromium
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1100,1330 --screenshot=docs/report.png file://$(CURDIR)/$(BUILD)/bad.html

test: ## run all tests; needs Go and node
	go test -timeout 20m ./...

race: ## run the tests under the race detector, the long ones short; without the CDK's packages
	go test -race -short ./internal/... ./events/... ./cmd/...

faults: ## rehearse releases in which things go wrong, for a minute; with new seeds, or RELEASES=n from SEED=n on
	@mkdir -p $(BUILD)
	@go build -o $(BUILD)/serin ./cmd/serin
	go run ./scripts/faults -for 1m $(if $(SEED),-seed $(SEED)) $(if $(RELEASES),-releases $(RELEASES))

faults-long: ## the same for an hour, every single fault, every pair of them, and a storm of 1,000 releases that fail at once
	@mkdir -p $(BUILD)
	@go build -o $(BUILD)/serin ./cmd/serin
	go run ./scripts/faults -for 1h -runs 200
	go test -timeout 24h -count=1 -v -run 'TestEverySingleFaultAndPairs|TestPairsAtDistinctSites|TestOneThingGoesWrongAtEachCall|TestRollbackStorm' ./internal/rehearsal -pairs 1 -sites -storm 1000

mutants: ## plant bugs and see whether the faults find them; writes the table of docs/reliability.md, half an hour
	go run ./scripts/mutants -write docs/reliability.md

fuzz: ## fuzz everything that parses, 10 s each
	@scripts/fuzz.sh 10s

lint: $(LINT) ## go vet and golangci-lint
	go vet ./...
	$(LINT) run ./...

$(LINT):
	GOBIN=$(CURDIR)/.tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .tools/golangci-lint $@

golden: ## render the state machine, the templates, the ledger's schema and the page of commands anew
	go test ./statemachine ./infra/... ./examples -update
	go test ./internal/ledger -run TestSchema -update
	go test ./cmd/serin -run TestCommandsDocument -update

synth: functions ## render the stacks into cdk.out; needs Go and node
	go run ./infra/app
	go run ./examples

security: synth $(SECURITY) ## cfn-lint and checkov over every rendered template; needs python
	scripts/security.sh $(SECURITY)/bin

$(SECURITY):
	python3 -m venv $@
	$@/bin/pip install --quiet cfn-lint==1.58.0 checkov==3.3.30

sbom: functions ## what the functions and the command are built from: build/sbom.json (CycloneDX)
	go build -o $(BUILD)/bin/serin ./cmd/serin
	go run ./scripts/sbom $(BUILD)/sbom.json $(BUILD)/bin/*

core: functions ## the core as a plain CloudFormation template with its code, in build/core: docs/install.md
	go run ./infra/app
	go run ./scripts/plain Serin cdk.out $(BUILD)/core

deploy: functions ## install serin's core in an account: make deploy ARGS='--profile prod'
	scripts/cdk.sh deploy $(ARGS)

diff: functions ## what a deployment would change
	scripts/cdk.sh diff $(ARGS)

destroy: functions ## remove the core, unless a release needs it; the ledger is kept
	scripts/destroy.sh $(ARGS)

functions: ## build the functions' zips into build/functions
	scripts/build-functions.sh

bench: functions ## releases a second, zip sizes, start of each function
	go test -run '^$$' -bench . -benchmem ./internal/rehearsal ./internal/asl ./internal/judge
	go build -o $(BUILD)/serin ./cmd/serin
	for version in bad good; do $(BUILD)/serin rehearse -f $(EXAMPLE)/target.yaml --scenario $(EXAMPLE)/$$version.yaml --runs 2000; done
	scripts/bench-functions.sh

bench-judge: ## the judge against other rules: writes the tables of docs/judge.md (minutes)
	go run ./scripts/benchjudge -good 5000 -bad 2000 -rank 200 -seed 1 -write docs/judge.md

browser: ## open the reports in headless Chromium
	go test -count=1 -tags browser ./e2e/browser/...

interpreters: ## run the state machine in two interpreters that nobody here wrote; needs python3 and npm
	@scripts/foreign-tools.sh interpreters
	go test -count=1 -timeout 20m -tags interpreters -v ./e2e/interpreters

e2e: ## deploy to an emulator of AWS and release with the AWS CLI and serin; needs python3 and node
	@scripts/foreign-tools.sh emulator
	GOARCH=$$(go env GOHOSTARCH) scripts/build-functions.sh
	CDK_OUTDIR=$(BUILD)/e2e/cdk.out go run ./examples queue-worker
	go build -o $(BUILD)/e2e/serin ./cmd/serin
	go build -o $(BUILD)/e2e/worker ./e2e/emulator/worker
	go build -o $(BUILD)/e2e/example ./examples/queue-worker/worker
	CGO_ENABLED=0 GOOS=linux GOARCH=$$(go env GOHOSTARCH) go build -ldflags "-s -w" -o $(BUILD)/e2e/function ./e2e/emulator/function
	rm -rf $(BUILD)/e2e/run && mkdir -p $(BUILD)/e2e/run
	go test -count=1 -timeout 30m -parallel 16 -tags emulator -v ./e2e/emulator 2>&1 | tee $(BUILD)/e2e/run/test.log

e2e-mirror: ## the proxies of a mirrored service: the real nginx and Envoy, switched under load; needs nginx and python3
	@scripts/foreign-tools.sh proxies
	go test -count=1 -timeout 10m -tags mirror -v ./e2e/mirror

verify-aws: ## the scenarios of e2e on AWS: ACCOUNT=<id> AWS_REGION=<region>; costs money, cleans up after itself
	@scripts/verify-aws.sh "$(ACCOUNT)"

clean: ## remove what the other targets made
	rm -rf $(BUILD) cdk.out
