// Package hooks_test runs the adapters of this folder, which stand in their templates, on node with clients of AWS that are
// no more than what the adapters ask of them.
package hooks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxInline is how long a function may be that stands in a template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
const maxInline = 4096

// adapter returns the function that stands in a template: the last block of code in it.
func adapter(t *testing.T, template string) string {
	t.Helper()
	text, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(text), "ZipFile: |\n")
	code, _, ended := strings.Cut(code, "\nOutputs:")
	if !found || !ended {
		t.Fatalf("%s holds no function", template)
	}
	code = strings.ReplaceAll(code, "\n          ", "\n")
	code = strings.TrimPrefix(code, "          ")
	if len(code) > maxInline {
		t.Errorf("the function of %s has %d characters; %d may stand in a template", template, len(code), maxInline)
	}
	return code
}

// run runs an adapter on node beside modules of the given names, and returns what the driver prints.
func run(t *testing.T, template, driver string, modules map[string]string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here")
	}
	folder := t.TempDir()
	files := map[string]string{"index.js": adapter(t, template), "driver.js": driver}
	for name, text := range modules {
		files[filepath.Join("node_modules", name, "index.js")] = text
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), node, "driver.js")
	command.Dir = folder
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// say prints an answer in one line; the adapters' own log goes nowhere.
const say = `
console.log = () => {};
const say = (what, value) => process.stdout.write(what + " " + JSON.stringify(value) + "\n");
`

// A CodeDeploy hook gets a deployment: one for each execution of the hook, however often the adapter is called, and what
// comes of it is what the hook has said.
func TestCodeDeploy(t *testing.T) {
	const world = `
const w = (global.w ??= { deployments: [], description: "", versions: ["1"], alias: "1", limit: 0 });
`
	const codedeploy = world + `
exports.CodeDeploy = class {
  async listDeployments() { return { deployments: w.deployments.map((d) => d.deploymentId) }; }
  async batchGetDeployments({ deploymentIds }) { return { deploymentsInfo: w.deployments.filter((d) => deploymentIds.includes(d.deploymentId)) }; }
  async getDeployment({ deploymentId }) { return { deploymentInfo: w.deployments.find((d) => d.deploymentId === deploymentId) }; }
  async createDeployment(input) {
    if (w.limit-- > 0) throw Object.assign(new Error("busy"), { name: "DeploymentLimitExceededException" });
    const spec = JSON.parse(input.revision.appSpecContent.content), p = spec.Resources[0].nothing.Properties;
    if (p.CurrentVersion !== w.alias || p.TargetVersion === w.alias) throw new Error("CodeDeploy refuses " + JSON.stringify(p));
    const d = { deploymentId: "d-" + (w.deployments.length + 1), description: input.description, status: "InProgress", hooks: spec.Hooks };
    w.deployments.push(d);
    return d;
  }
};`
	const lambda = world + `
exports.Lambda = class {
  async getFunctionConfiguration() { return { Description: w.description, LastUpdateStatus: "Successful" }; }
  async updateFunctionConfiguration({ Description }) { w.description = Description; w.changed = true; }
  async publishVersion() { if (w.changed) { w.versions.push(String(w.versions.length + 1)); w.changed = false; } return { Version: w.versions.at(-1) }; }
  async getAlias() { return { FunctionVersion: w.alias }; }
};`
	const driver = say + `
Object.assign(process.env, { HOOK: "CodeDeployHook_preTraffic", EVENT: "BeforeAllowTraffic", APPLICATION: "a", GROUP: "g", NOTHING: "n", ALIAS: "live" });
const { handler } = require("./index.js");
const ask = async (executionId, hookDetails = {}) => say(executionId, await handler({ executionId, hookDetails }));
(async () => {
  await ask("one");                                  // another description is written
  w.limit = 1; await ask("one");                     // somebody else's deployment is under way
  await ask("one"); await ask("one");                // a deployment, and the same one where its id was lost
  await ask("one", { deploymentId: "d-1" });
  say("hooks", w.deployments.map((d) => d.hooks));
  w.deployments[0].status = "Succeeded"; w.alias = "2";
  await ask("one", { deploymentId: "d-1" });
  await ask("two"); await ask("two");
  w.deployments[1].status = "Failed";
  await ask("two");
  say("versions", w.versions);
})();`
	got := run(t, "codedeploy.yaml", driver, map[string]string{"@aws-sdk/client-codedeploy": codedeploy, "@aws-sdk/client-lambda": lambda})
	const want = `one {"hookStatus":"IN_PROGRESS","callBackDelay":30}
one {"hookStatus":"IN_PROGRESS","callBackDelay":30}
one {"hookStatus":"IN_PROGRESS","callBackDelay":30,"hookDetails":{"deploymentId":"d-1"}}
one {"hookStatus":"IN_PROGRESS","callBackDelay":30,"hookDetails":{"deploymentId":"d-1"}}
one {"hookStatus":"IN_PROGRESS","callBackDelay":30,"hookDetails":{"deploymentId":"d-1"}}
hooks [[{"BeforeAllowTraffic":"CodeDeployHook_preTraffic"}]]
one {"hookStatus":"SUCCEEDED"}
two {"hookStatus":"IN_PROGRESS","callBackDelay":30}
two {"hookStatus":"IN_PROGRESS","callBackDelay":30,"hookDetails":{"deploymentId":"d-2"}}
two {"hookStatus":"FAILED"}
versions ["1","2","3"]
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// A hook that takes its time is waited for by an execution, which is started once; what it says is handed on, and an
// IN_PROGRESS of its own calls it again.
func TestSlow(t *testing.T) {
	const steps = `
const w = (global.w ??= { executions: {}, started: [] });
exports.SFN = class {
  async startExecution({ name, input }) {
    if (w.executions[name]) throw Object.assign(new Error("exists"), { name: "ExecutionAlreadyExists" });
    w.started.push([name, JSON.parse(input).hookDetails]);
    w.executions[name] = { status: "RUNNING" };
  }
  async describeExecution({ executionArn }) { return w.executions[executionArn.split(":").at(-1)]; }
};`
	const driver = say + `
process.env.MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:waiter";
const { handler } = require("./index.js");
const ask = async (hookDetails) => say("asked", await handler({ executionId: "one", hookDetails }));
const said = (name, value) => (w.executions[name] = { status: "SUCCEEDED", output: JSON.stringify(value) });
(async () => {
  await ask({ path: "/" }); await ask({ path: "/", calls: 0 });
  said("one-0", { hookStatus: "IN_PROGRESS", callBackDelay: 60, hookDetails: { job: "j" } });
  await ask({ path: "/", calls: 0 });
  await ask({ path: "/", job: "j", calls: 1 });
  said("one-1", { hookStatus: "SUCCEEDED" });
  await ask({ path: "/", job: "j", calls: 1 });
  w.executions["one-1"] = { status: "FAILED", error: "Lambda.Unknown" };
  await ask({ calls: 1 });
  say("started", w.started);
})();`
	got := run(t, "slow.yaml", driver, map[string]string{"@aws-sdk/client-sfn": steps})
	const want = `asked {"hookStatus":"IN_PROGRESS","callBackDelay":30,"hookDetails":{"calls":0}}
asked {"hookStatus":"IN_PROGRESS","callBackDelay":30,"hookDetails":{"calls":0}}
asked {"hookStatus":"IN_PROGRESS","callBackDelay":60,"hookDetails":{"job":"j","calls":1}}
asked {"hookStatus":"IN_PROGRESS","callBackDelay":30,"hookDetails":{"calls":1}}
asked {"hookStatus":"SUCCEEDED"}
asked {"hookStatus":"FAILED"}
started [["one-0",{"path":"/"}],["one-1",{"path":"/","job":"j"}]]
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
