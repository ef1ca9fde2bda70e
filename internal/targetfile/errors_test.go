package targetfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// mistakes are what people do to a good file: the text old becomes new.
var mistakes = []struct{ name, old, new string }{
	{"unknown field", "maxBake: 30m", "maxbake: 30m"},
	{"unknown field, nothing near", "concurrency: supersede", "retries: 3"},
	{"field of another level", "rollbackWindow: 24h", "minimumSample: 24"},
	{"duplicate key", "  settle: 15m\n", "  settle: 15m\n  settle: 20m\n"},
	{"duplicate key at the top", "rollbackWindow: 24h", "platform: ecs-queue"},
	{"number for a text", "name: orders-worker", "name: 42"},
	{"text for a number", "weight: 10,", "weight: ten,"},
	{"quoted number", "weight: 10,", "weight: \"10\","},
	{"fraction", "weight: 10,", "weight: 10.5,"},
	{"hexadecimal", "weight: 10,", "weight: 0x0A,"},
	{"duration without unit", "settle: 15m", "settle: 15"},
	{"fraction of an hour", "settle: 15m", "settle: 0.25h"},
	{"mapping for a list", "alarms: [orders-dlq-not-empty, orders-oldest-message]", "alarms: {a: b}"},
	{"text for a list", "alarms: [orders-dlq-not-empty, orders-oldest-message]", "alarms: orders-dlq-not-empty"},
	{"list for a mapping", "source: {ecr: {repository: orders-worker, tags: [\"release-*\"]}}", "source: [ecr]"},
	{"no value", "alarms: [orders-dlq-not-empty, orders-oldest-message]", "alarms:"},
	{"yes for true", "byRequester: false", "byRequester: yes"},
	{"unknown platform", "platform: ecs-queue", "platform: nomad"},
	{"platform of another workload", "platform: ecs-queue", "platform: lambda-alias"},
	{"two workloads", "platform: ecs-queue\n", "platform: ecs-queue\nlambdaAlias: {function: orders, alias: live}\n"},
	{"platform not said", "platform: ecs-queue\n", ""},
	{"workload not said", "ecsQueue: {cluster: prod, primaryService: orders-worker, canaryService: orders-worker-canary, container: worker, queue: orders}\n", ""},
	{"part of the workload not said", ", queue: orders}", "}"},
	{"one service for both", "canaryService: orders-worker-canary", "canaryService: orders-worker"},
	{"FIFO queue", "queue: orders}", "queue: orders.fifo}"},
	{"one service for both, behind a load balancer", "platform: ecs-queue\necsQueue: {cluster: prod, primaryService: orders-worker, canaryService: orders-worker-canary, container: worker, queue: orders}\n", "platform: ecs-alb\necsALB: {cluster: prod, primaryService: web, canaryService: web, container: web, listenerRule: \"arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/2/3\"}\n"},
	{"rule of a Network Load Balancer", "platform: ecs-queue\necsQueue: {cluster: prod, primaryService: orders-worker, canaryService: orders-worker-canary, container: worker, queue: orders}\n", "platform: ecs-alb\necsALB: {cluster: prod, primaryService: web, canaryService: web-canary, container: web, listenerRule: \"arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/net/shop/1/2\"}\n"},
	{"listener for a rule", "platform: ecs-queue\necsQueue: {cluster: prod, primaryService: orders-worker, canaryService: orders-worker-canary, container: worker, queue: orders}\n", "platform: ecs-alb\necsALB: {cluster: prod, primaryService: web, canaryService: web-canary, container: web, listenerRule: \"arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/2\"}\n"},
	{"target group for a rule", "platform: ecs-queue\necsQueue: {cluster: prod, primaryService: orders-worker, canaryService: orders-worker-canary, container: worker, queue: orders}\n", "platform: ecs-alb\necsALB: {cluster: prod, primaryService: web, canaryService: web-canary, container: web, listenerRule: \"arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/1\"}\n"},
	{"name for a rule", "platform: ecs-queue\necsQueue: {cluster: prod, primaryService: orders-worker, canaryService: orders-worker-canary, container: worker, queue: orders}\n", "platform: ecs-alb\necsALB: {cluster: prod, primaryService: web, canaryService: web-canary, container: web, listenerRule: \"shop\"}\n"},
	{"image for a repository", "repository: orders-worker,", "repository: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders-worker:latest,"},
	{"zip files of a queue worker", "source: {ecr: {repository: orders-worker, tags: [\"release-*\"]}}", "source: {s3: {bucket: orders-code, prefix: orders/}}"},
	{"URL for a bucket", "source: {ecr: {repository: orders-worker, tags: [\"release-*\"]}}", "source: {s3: {bucket: \"s3://orders-code\", prefix: orders/}}"},
	{"all of a bucket", "source: {ecr: {repository: orders-worker, tags: [\"release-*\"]}}", "source: {s3: {bucket: orders-code}}"},
	{"two sources", "source: {ecr: {repository: orders-worker, tags: [\"release-*\"]}}", "source: {ecr: {repository: orders-worker}, s3: {bucket: orders-code, prefix: orders/}}"},
	{"unknown severity", "repository: orders-worker,", "repository: orders-worker, require: {findingsBelow: HIGH},"},
	{"nothing required", "repository: orders-worker,", "repository: orders-worker, require: {},"},
	{"bad name", "name: orders-worker", "name: Orders_Worker"},
	{"steps and preset", "  steps:\n", "  preset: AllAtOnce\n  steps:\n"},
	{"neither steps nor preset", "  steps:\n    - {weight: 10, bake: 10m}\n    - {weight: 25, bake: 10m, approval: required}\n", ""},
	{"no steps", "  steps:\n    - {weight: 10, bake: 10m}\n    - {weight: 25, bake: 10m, approval: required}\n", "  steps: []\n"},
	{"unknown preset", "  steps:\n    - {weight: 10, bake: 10m}\n    - {weight: 25, bake: 10m, approval: required}\n", "  preset: Canary10Percent\n"},
	{"preset of more than two days", "  steps:\n    - {weight: 10, bake: 10m}\n    - {weight: 25, bake: 10m, approval: required}\n", "  preset: Linear1PercentEvery30Minutes\n"},
	{"preset against maxBake", "  steps:\n    - {weight: 10, bake: 10m}\n    - {weight: 25, bake: 10m, approval: required}\n", "  preset: Canary10Percent45Minutes\n"},
	{"weights do not rise", "weight: 10,", "weight: 25,"},
	{"weight above 100", "weight: 25, bake: 10m, approval", "weight: 101, bake: 10m, approval"},
	{"weight of nothing", "weight: 10,", "weight: 0,"},
	{"100 before the last step", "- {weight: 10, bake: 10m}", "- {weight: 100}"},
	{"bake at 100", "- {weight: 25, bake: 10m, approval: required}", "- {weight: 100, bake: 10m}"},
	{"no bake", "- {weight: 10, bake: 10m}", "- {weight: 10}"},
	{"bake of nothing", "- {weight: 10, bake: 10m}", "- {weight: 10, bake: 0s}"},
	{"bake longer than maxBake", "- {weight: 10, bake: 10m}", "- {weight: 10, bake: 45m}"},
	{"bakes longer than the deadline", "deadline: 3h", "deadline: 20m"},
	{"unknown approval", "approval: required", "approval: manager"},
	{"too long for the history", "deadline: 3h", "deadline: 2d"},
	{"questions for days", "expires: 4h", "expires: 6d"},
	{"settled too long", "settle: 15m", "settle: 3d"},
	{"frozen but for an hour", "freeze: [\"Fri 16:00-Mon 08:00 Europe/Berlin\"]", "freeze: [\"Mon 01:00-Mon 00:00 UTC\"]"},
	{"field of a deeper level", "rollbackWindow: 24h", "repository: orders-worker"},
	{"too long a question", "expires: 4h", "expires: 8d"},
	{"no time to answer", "expires: 4h", "expires: 0s"},
	{"frozen for good", "freeze: [\"Fri 16:00-Mon 08:00 Europe/Berlin\"]", "freeze: [\"Mon 00:00-Fri 00:00 UTC\", \"Thu 12:00-Mon 00:00 UTC\"]"},
	{"bad window", "Fri 16:00-Mon 08:00 Europe/Berlin", "Friday 16:00 - Monday 08:00"},
	{"unknown zone", "Europe/Berlin", "Europe/Berlim"},
	{"no check", "  alarms: [orders-dlq-not-empty, orders-oldest-message]\n  compare:\n    - name: failures\n      proportion: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service}}\n      margin: 1.25\n", ""},
	{"nothing but vetoes", "  alarms: [orders-dlq-not-empty, orders-oldest-message]\n  compare:\n    - name: failures\n", "  compare:\n    - name: failures\n      vetoOnly: true\n"},
	{"empty checks", "  alarms: [orders-dlq-not-empty, orders-oldest-message]\n  compare:\n    - name: failures\n      proportion: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service}}\n      margin: 1.25\n", "  alarms: []\n  compare: []\n"},
	{"hook at no stage", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: []}]\napprovals: {"},
	{"hook at a stage of ECS' name", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: [POST_PRODUCTION_TRAFFIC_SHIFT]}]\napprovals: {"},
	{"hook at a stage twice", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: [afterStep, afterStep]}]\napprovals: {"},
	{"hook without stages", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\"}]\napprovals: {"},
	{"hook by its name", "approvals: {", "hooks: [{function: smoke-test, stages: [afterStep]}]\napprovals: {"},
	{"hook that is no function", "approvals: {", "hooks: [{function: \"arn:aws:sns:eu-central-1:123456789012:smoke\", stages: [afterStep]}]\napprovals: {"},
	{"hook twice", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: [beforeTraffic, afterStep]}, {function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: [afterStep]}]\napprovals: {"},
	{"hook of seconds", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: [afterStep], timeout: 30s}]\napprovals: {"},
	{"hook of days", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: [afterStep], timeout: 2d}]\napprovals: {"},
	{"hook that may not fail", "approvals: {", "hooks: [{function: \"arn:aws:lambda:eu-central-1:123456789012:function:smoke\", stages: [afterStep], onFailure: ignore}]\napprovals: {"},
	{"alarm twice", "orders-oldest-message]", "orders-dlq-not-empty]"},
	{"empty alarm name", "orders-oldest-message]", "\"\"]"},
	{"too many alarms", "orders-oldest-message]", "orders-oldest-message" + manyAlarms(100) + "]"},
	{"comparison twice", "      margin: 1.25\n", "      margin: 1.25\n    - name: failures\n      proportion: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service}}\n"},
	{"half a comparison", ", by: {dimension: Service}", ""},
	{"comparison of nothing", "      proportion: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service}}\n", ""},
	{"latency of nothing", proportion, "      latency: {namespace: Orders, by: {dimension: Service}}\n"},
	{"latency in an unknown unit", proportion, "      latency: {namespace: Orders, metric: Duration, by: {dimension: Service}, unit: minutes}\n"},
	{"latency by a proportion's fields", proportion, "      latency: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service}}\n"},
	{"two measures in one", proportion, proportion + "      latency: {namespace: Orders, metric: Duration, by: {dimension: Service}}\n"},
	{"measured by no platform", proportion, "      platform: errors\n"},
	{"unknown measure of a platform", proportion, "      platform: throttles\n"},
	{"dimension twice", "by: {dimension: Service}", "by: {dimension: Service, with: {Service: orders-worker}}"},
	{"dimensions as a list", "by: {dimension: Service}", "by: {dimension: Service, with: [Stage]}"},
	{"warm-up in seconds", "      margin: 1.25\n", "      margin: 1.25\n      warmUp: 90s\n"},
	{"warm-up without end", "      margin: 1.25\n", "      margin: 1.25\n      warmUp: 10m\n"},
	{"failed is total", "failed: Failed", "failed: Processed"},
	{"margin below 1", "margin: 1.25", "margin: 0.8"},
	{"margin of no sense", "margin: 1.25", "margin: 2"},
	{"margin without a digit", "margin: 1.25", "margin: .5"},
	{"false rollback too likely", "falseRollback: 0.01", "falseRollback: 0.5"},
	{"false rollback never", "falseRollback: 0.01", "falseRollback: 0"},
	{"false rollback in percent", "falseRollback: 0.01", "falseRollback: 1%"},
	{"not a number", "falseRollback: 0.01", "falseRollback: .nan"},
	{"negative sample", "minimumSample: 300", "minimumSample: -1"},
	{"unknown policy", "inconclusive: hold", "inconclusive: wait"},
	{"unknown concurrency", "concurrency: supersede", "concurrency: parallel"},
	{"emergency does not rise", "steps: [{weight: 25, bake: 5m}]", "steps: [{weight: 25, bake: 5m}, {weight: 5, bake: 5m}]"},
	{"emergency longer than the deadline", "steps: [{weight: 25, bake: 5m}]", "steps: [{weight: 25, bake: 4h}]"},
	{"window of years", "rollbackWindow: 24h", "rollbackWindow: 400d"},
	{"topic by name", "arn:aws:sns:eu-central-1:123456789012:on-call", "on-call"},
	{"role with spaces", "role: orders-worker-release", "role: orders worker"},
	{"alias", "settle: 15m", "settle: *later"},
	{"anchor", "settle: 15m", "settle: &later 15m"},
	{"merge key", "  settle: 15m", "  <<: {settle: 15m}"},
	{"tag", "settle: 15m", "settle: !!str 15m"},
	{"second document", "concurrency: supersede\n", "---\nconcurrency: supersede\n"},
	{"complex key", "concurrency: supersede\n", "? [a, b]\n: supersede\n"},
	{"no space after a colon", "weight: 10, bake", "weight:10, bake"},
	{"comma forgotten", "primaryService: orders-worker, ", "primaryService: orders-worker "},
	{"colon forgotten", "concurrency: supersede", "concurrency supersede"},
	{"colon of a last field forgotten", "notify: arn:aws:sns:eu-central-1:123456789012:on-call", "notify:\nrole2"},
	{"tab", "  settle: 15m", "\tsettle: 15m"},
	{"indentation", "  settle: 15m", " settle: 15m"},
	{"open bracket", "orders-oldest-message]", "orders-oldest-message"},
	{"open quote", "name: orders-worker", "name: \"orders-worker"},
	{"too deep", "notify: arn:aws:sns:eu-central-1:123456789012:on-call", "notify: " + strings.Repeat("[", 20) + strings.Repeat("]", 20)},
	{"control character", "settle: 15m", "settle: 15m\x1b[2J"},
	{"not UTF-8", "settle: 15m", "settle: \xff"},
	{"secret in the wrong place", "settle: 15m", "settle: " + strings.Repeat("hunter2-", 40)},
}

const proportion = "      proportion: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service}}\n"

func manyAlarms(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ", alarm-%d", i)
	}
	return b.String()
}

func TestMistakes(t *testing.T) {
	base := string(read(t, "testdata/base.yaml"))
	if _, err := targetfile.Parse("base.yaml", []byte(base)); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, mistake := range mistakes {
		if strings.Count(base, mistake.old) == 0 {
			t.Fatalf("%s: %q is not in the base", mistake.name, mistake.old)
		}
		_, err := targetfile.Parse("orders.yaml", []byte(strings.Replace(base, mistake.old, mistake.new, 1)))
		if err == nil {
			t.Errorf("%s: accepted", mistake.name)
			continue
		}
		if code := release.CodeOf(err); code != release.Invalid {
			t.Errorf("%s: code %s", mistake.name, code)
		}
		if text := err.Error(); strings.Contains(text, strings.Repeat("hunter2-", 11)) || strings.ContainsRune(text, '\x1b') {
			t.Errorf("%s: repeats too much: %s", mistake.name, text)
		}
		fmt.Fprintf(&all, "== %s\n%v\n", mistake.name, err)
	}
	golden.File(t, "testdata/mistakes.golden", []byte(all.String()))
}

// Files that are wrong as a whole.
func TestWholeFiles(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"empty", "a.yaml", "", "a.yaml: is empty"},
		{"a comment only", "a.yaml", "# nothing\n", "a.yaml: is empty"},
		{"empty JSON", "a.json", "", "a.json:1:1: is not readable as JSON: the text ends too early"},
		{"10 MB", "a.yaml", strings.Repeat("a: b\n", 2<<20), "a.yaml: is larger than 64 KB, where a file for people is a few KB; is it the right file?"},
		{"a text", "a.yaml", "hello", "a.yaml:1:1: is \"hello\" but must be a mapping with name, platform, ecsQueue, ecsALB, lambdaAlias, ec2Mirror, source, plan, checks, hooks, approvals, concurrency, freeze, emergency, rollbackWindow, notify and role"},
		{"null", "a.yaml", "~", "a.yaml:1:1: is empty but must be a mapping with name, platform, ecsQueue, ecsALB, lambdaAlias, ec2Mirror, source, plan, checks, hooks, approvals, concurrency, freeze, emergency, rollbackWindow, notify and role"},
		{"JSON with more after it", "a.json", `{"name": "x"} {}`, "a.json:1:15: goes on after the end of the JSON value, where it must have ended"},
		{"JSON cut off", "a.json", "{\n \"name\": \"x\",", "a.json:2:14: is not readable as JSON: the text ends too early"},
		{"JSON with a slip", "a.json", "{\n \"name\" \"x\"}", "a.json:2:9: is not readable as JSON: invalid character '\"' after object key"},
	} {
		if _, err := targetfile.Parse(c.file, []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// JSON is held to the same table, with its own places.
func TestMistakesInJSON(t *testing.T) {
	text := `{
	"name": "orders-worker", "platform": "ecs-queue",
	"ecsQueue": {"cluster": "prod", "primaryService": "a", "canaryService": "b", "container": "c", "queue": "q", "queue": "r"},
	"plan": {"steps": [{"weight": 20, "bake": "10m"}, {"weight": 1e1, "bake": "\u0031m"}]},
	"checks": {"alarms": ["é", 3]}
}`
	_, err := targetfile.Parse("orders.json", []byte(text))
	want := `orders.json:3:111: ecsQueue.queue stands here a second time (first in line 3) but must stand once
orders.json:4:63: plan.steps[1].weight is 1e1 but must be a whole number from 1 to 100
orders.json:5:29: checks.alarms[1] is 3 without quotes but must be the name of a CloudWatch alarm`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// The roles' names are the target's with a word before and one behind, and IAM bounds them.
func TestNameTooLongForItsRoles(t *testing.T) {
	least := string(read(t, "testdata/least.yaml"))
	for name, want := range map[string]string{
		strings.Repeat("a", 51): "",
		strings.Repeat("a", 52): "least.yaml:1:7: name has 52 characters but must have at most 51 where role is not set (the role serin-NAME-change may have 64)",
	} {
		_, err := targetfile.Parse("least.yaml", []byte(strings.Replace(least, "name: orders-worker", "name: "+name, 1)))
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%d characters: %v", len(name), err)
		}
	}
}

// Problems are shown in the order of their places, and not more of them than a person reads.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "x%02d: 1\n", i)
	}
	_, err := targetfile.Parse("a.yaml", []byte(b.String()))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || lines[20] != "a.yaml: and 15 more" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

// A step of all the work may bake where the old version stands by meanwhile, and not for longer than it stands safely.
func TestABakeOfAllTheWork(t *testing.T) {
	const file = `name: shop
platform: ecs-alb
ecsALB: {cluster: prod, primaryService: a, canaryService: b, container: web, listenerRule: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/2/3"}
plan: {steps: [{weight: 100, bake: %s}]}
checks: {alarms: [shop-5xx]}
`
	if _, err := targetfile.Parse("shop.yaml", fmt.Appendf(nil, file, "15m")); err != nil {
		t.Error(err)
	}
	_, err := targetfile.Parse("shop.yaml", fmt.Appendf(nil, file, "16m"))
	if err == nil || !strings.Contains(err.Error(), "must be at most 15m at weight 100") {
		t.Error(err)
	}
}
