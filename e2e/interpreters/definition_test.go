//go:build interpreters

package interpreters

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/serin-aws/serin/statemachine/definition"
)

const lambdas = "arn:aws:lambda:eu-west-1:123456789012:function:"

// tokens are values for the ${Names} that the committed definition holds.
var tokens = strings.NewReplacer(
	"${DeployCanary}", lambdas+"deploy-canary:1", "${CheckAlarms}", lambdas+"check-alarms:1",
	"${Promote}", lambdas+"promote:1", "${Rollback}", lambdas+"rollback:1",
	"${LedgerTable}", "ledger", "${Topic}", "arn:aws:sns:eu-west-1:123456789012:serin", "${Partition}", "aws",
)

// document is a definition as plain JSON data.
type document map[string]any

// committed reads the definition that serin deploys, with values for its names.
func committed(t *testing.T) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(tokens.Replace(string(definition.Release()))), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d document) text(t *testing.T) []byte {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (d document) state(name string) map[string]any {
	return d["States"].(map[string]any)[name].(map[string]any)
}

// names lists the states that have a field.
func (d document) names(field string) []string {
	var found []string
	for name := range d["States"].(map[string]any) {
		if _, ok := d.state(name)[field]; ok {
			found = append(found, name)
		}
	}
	return found
}

// forAWSLocal rewrites what aws-local-stepfunctions 3.0.0 does not know into what means the same: "IsPresent": false
// never matches there, but "Not" of "IsPresent": true does; and its context object holds no name of a state.
func (d document) forAWSLocal() document {
	for _, name := range d.names("Choices") {
		for _, choice := range d.state(name)["Choices"].([]any) {
			rule := choice.(map[string]any)
			if rule["IsPresent"] == false {
				rule["Not"] = map[string]any{"Variable": rule["Variable"], "IsPresent": true}
				delete(rule, "Variable")
				delete(rule, "IsPresent")
			}
		}
	}
	for _, name := range d.names("Parameters") {
		parameters := d.state(name)["Parameters"].(map[string]any)
		if parameters["state.$"] == "$$.State.Name" {
			delete(parameters, "state.$")
			parameters["state"] = name
		}
	}
	return d
}

// within shortens the time-outs of the tasks and of the machine; 0 leaves them.
func (d document) within(taskSeconds, machineSeconds float64) document {
	if machineSeconds > 0 {
		d["TimeoutSeconds"] = machineSeconds
	}
	for _, name := range d.names("TimeoutSeconds") {
		if taskSeconds > 0 {
			d.state(name)["TimeoutSeconds"] = taskSeconds
		}
	}
	return d
}
