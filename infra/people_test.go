package infra_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// Whoever has one of the policies can start the runbooks of its orders and no others, and no function at all.
func TestPeople(t *testing.T) {
	resources := resourcesOf(t, core(t))
	orders := map[string][]string{}
	for _, verb := range release.OrderVerbs() {
		may := camel(string(verb.Permission()))
		orders[may] = append(orders[may], "automation-definition/"+operate.Runbook(verb)+":*")
	}
	for may, runbooks := range orders {
		var starts []string
		found := false
		for id, r := range resources {
			if r.Type != "AWS::IAM::ManagedPolicy" || !strings.HasPrefix(id, "Releaser"+may+"Policy") {
				continue
			}
			found = true
			for _, s := range documentOf(t, r) {
				if slices.Contains(s.Action, "ssm:StartAutomationExecution") {
					starts = append(starts, s.Resource...)
				}
				if slices.ContainsFunc(s.Action, func(action string) bool { return strings.HasPrefix(action, "lambda:") }) {
					t.Errorf("%s may call a function: %v", may, s)
				}
				if slices.Contains(s.Action, "states:StartExecution") { // whoever may can write another's name as who started it
					t.Errorf("%s may start executions past the runbook: %v", may, s)
				}
			}
		}
		all := strings.Join(starts, " ")
		if !found || len(starts) != len(runbooks) {
			t.Errorf("%s may start %s, want %v", may, all, runbooks)
		}
		for _, runbook := range runbooks {
			if !strings.Contains(all, runbook) {
				t.Errorf("%s may start %s, want %s", may, all, runbook)
			}
		}
	}
}

// There is a runbook for every order, with the fields that an order is started with, and it says nothing of its own but
// which execution it is.
func TestRunbooks(t *testing.T) {
	found := map[release.OrderVerb]bool{}
	for _, r := range resourcesOf(t, core(t)) {
		if r.Type != "AWS::SSM::Document" {
			continue
		}
		var document struct {
			Name    string
			Content struct {
				Parameters map[string]struct {
					Default        *any
					AllowedPattern string
				}
				Outputs   []string
				MainSteps []struct {
					Name, Action string
					Inputs       map[string]any
				}
			}
		}
		remarshal(t, r.Properties, &document)
		verb := release.OrderVerb(strings.TrimPrefix(document.Name, "serin-"))
		found[verb] = true
		step := document.Content.MainSteps[0]
		if len(document.Content.MainSteps) != 1 || step.Name != operate.Step || step.Action != "aws:invokeLambdaFunction" ||
			fmt.Sprint(step.Inputs["InputPayload"]) != "map[execution:{{ automation:EXECUTION_ID }}]" ||
			!slices.Equal(document.Content.Outputs, []string{operate.Step + ".Payload"}) {
			t.Errorf("%s: %+v", document.Name, document.Content)
		}
		in := operate.Input{Verb: verb, Target: "orders-worker", Why: "because", ID: "cli-1", Release: "r-0123456789ab", NoData: verb == release.OrderPromoteNow}
		switch verb {
		case release.OrderOverride:
			in.Alarms, in.Release = []string{"dlq"}, ""
		case release.OrderStart: // of the revisions one at a time, but each has its field
			in.Undo, in.Release, in.First, in.Retry, in.Emergency = in.Release, "", true, true, true
			in.Revision = release.Revision{Image: "orders-worker@sha256:" + strings.Repeat("0", 64), TaskDefinition: "orders-worker:7", Version: "7", Code: "s3://code/orders.zip?versionId=a.B_c"}
		}
		given := in.Parameters()
		for name, field := range document.Content.Parameters {
			values, known := given[name]
			delete(given, name)
			if !known && field.Default == nil {
				t.Errorf("%s asks for %s, which no order has", document.Name, name)
			}
			if pattern := regexp.MustCompile(field.AllowedPattern); known && !pattern.MatchString(values[0]) || field.Default != nil && !pattern.MatchString(fmt.Sprint(*field.Default)) {
				t.Errorf("%s: %s is to match %s", document.Name, name, pattern)
			}
		}
		if len(given) > 0 {
			t.Errorf("%s does not ask for %v", document.Name, given)
		}
	}
	if len(found) != len(release.OrderVerbs()) {
		t.Errorf("runbooks for %v", found)
	}
}
