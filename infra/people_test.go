package infra_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/release"
)

// Whoever has one of the policies can give its orders, by the command line and in the console, and no others.
func TestPeople(t *testing.T) {
	resources := resourcesOf(t, core(t))
	orders := map[release.Permission][]string{}
	for _, verb := range release.OrderVerbs() {
		orders[verb.Permission()] = append(orders[verb.Permission()], "automation-definition/serin-"+string(verb)+":*")
	}
	for may, runbooks := range orders {
		var statements []statement
		for id, r := range resources {
			if r.Type == "AWS::IAM::ManagedPolicy" && strings.HasPrefix(id, "Releaser"+camel(string(may))+"Policy") {
				statements = documentOf(t, r)
			}
		}
		var invokes, starts []string
		for _, s := range statements {
			if slices.Contains(s.Action, "lambda:InvokeFunction") {
				invokes = append(invokes, s.Resource...)
			}
			if slices.Contains(s.Action, "ssm:StartAutomationExecution") {
				starts = append(starts, s.Resource...)
			}
		}
		if len(invokes) != 1 || !strings.Contains(invokes[0], "May"+camel(string(may))) {
			t.Errorf("%s may invoke %v", may, invokes)
		}
		all := strings.Join(starts, " ")
		for _, runbook := range runbooks {
			if !strings.Contains(all, runbook) || len(starts) != len(runbooks) {
				t.Errorf("%s may start %s, want %s", may, all, runbook)
			}
		}
	}
}

// Where orders are given by runbooks only, no policy for people reaches the function that takes what it is told.
func TestRunbooksOnly(t *testing.T) {
	for id, r := range resourcesOf(t, synth(t, infra.ReleaserProps{RunbooksOnly: true})) {
		if r.Type != "AWS::IAM::ManagedPolicy" {
			continue
		}
		starts := 0
		for _, s := range documentOf(t, r) {
			if slices.Contains(s.Action, "lambda:InvokeFunction") {
				t.Errorf("%s may invoke %v", id, s.Resource)
			}
			if slices.Contains(s.Action, "ssm:StartAutomationExecution") {
				starts++
			}
		}
		if starts != 1 && !strings.Contains(id, "StartPolicy") {
			t.Errorf("%s may start no runbook", id)
		}
	}
}

// A runbook asks Systems Manager who started it, and gives exactly its own order through its own alias.
func TestRunbooks(t *testing.T) {
	found := map[release.OrderVerb]bool{}
	for _, r := range resourcesOf(t, core(t)) {
		if r.Type != "AWS::SSM::Document" {
			continue
		}
		var document struct {
			Content struct {
				Parameters map[string]any
				MainSteps  []struct {
					Name, Action string
					Inputs       struct {
						Call         string `json:"Api"`
						Qualifier    string
						InputPayload map[string]string
					}
				}
			}
		}
		remarshal(t, r.Properties, &document)
		who, order := document.Content.MainSteps[0], document.Content.MainSteps[1]
		verb := release.OrderVerb(order.Inputs.InputPayload["verb"])
		found[verb] = true
		if who.Inputs.Call != "GetAutomationExecution" || order.Inputs.InputPayload["who"] != "{{ Who.ExecutedBy }}" {
			t.Errorf("%s does not say who gives the order: %+v", verb, document.Content)
		}
		if r.Properties["Name"] != "serin-"+string(verb) || order.Inputs.Qualifier != string(verb.Permission()) || order.Inputs.InputPayload["id"] != "{{ automation:EXECUTION_ID }}" {
			t.Errorf("%v gives %+v", r.Properties["Name"], order.Inputs)
		}
		for _, value := range order.Inputs.InputPayload {
			name := strings.Trim(value, "{} ")
			_, known := document.Content.Parameters[name]
			if strings.HasPrefix(value, "{{") && !known && name != "Who.ExecutedBy" && name != "automation:EXECUTION_ID" {
				t.Errorf("%s takes %s, which its form does not ask for", verb, value)
			}
		}
	}
	if len(found) != len(release.OrderVerbs()) {
		t.Errorf("runbooks for %v", found)
	}
}
