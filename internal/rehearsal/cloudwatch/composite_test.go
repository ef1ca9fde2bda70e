package cloudwatch

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

func ruleOf(text string) (rule, error) {
	d, err := DefineComposite(types.CompositeAlarm{AlarmName: aws.String("top"), AlarmRule: aws.String(text)})
	if err != nil {
		return rule{}, err
	}
	return d.rule, nil
}

func TestRules(t *testing.T) {
	states := map[string]types.StateValue{"bad": types.StateValueAlarm, "good": types.StateValueOk, "idle": types.StateValueInsufficientData, "with space": types.StateValueAlarm, `q"uote`: types.StateValueAlarm}
	for text, want := range map[string]bool{
		`ALARM(bad)`:      true,
		`ALARM("bad")`:    true,
		`ALARM ( "bad" )`: true,
		`ALARM("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:bad")`: true,
		`ALARM("with space")`:                         true,
		`ALARM("q\"uote")`:                            true,
		`OK(good)`:                                    true,
		`OK(bad)`:                                     false,
		`INSUFFICIENT_DATA(idle)`:                     true,
		`ALARM(nobody)`:                               false,
		`TRUE`:                                        true,
		`FALSE OR NOT FALSE`:                          true,
		`NOT ALARM(bad)`:                              false,
		`NOT NOT ALARM(bad)`:                          true,
		`ALARM(bad) AND OK(bad) OR OK(good)`:          true, // AND binds tighter than OR
		`ALARM(bad) OR OK(good) AND OK(bad)`:          true,
		`(ALARM(bad) OR OK(good)) AND OK(bad)`:        false,
		`NOT ALARM(good) AND ALARM(bad)`:              true, // NOT binds tightest
		`NOT (ALARM(good) OR ALARM(bad))`:             false,
		"ALARM(bad)\n  AND\n  NOT OK(\"with space\")": true,
	} {
		r, err := ruleOf(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := r.holds(func(name string) types.StateValue { return states[name] }); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestRulesRefused(t *testing.T) {
	for text, says := range map[string]string{
		"":                              "ends too early",
		"ALARM":                         "not followed by",
		"ALARM()":                       "not followed by",
		`ALARM("")`:                     "no name",
		"ALARM(a":                       "not followed by",
		"(ALARM(a)":                     "not closed",
		"ALARM(a) ALARM(b)":             "cannot read on",
		"ALARM(a) AND":                  "ends too early",
		"AT_LEAST(1, ALARM, (a, b))":    "AT_LEAST",
		"alarm(a)":                      "not simulated",
		strings.Repeat("NOT ", 1000):    "nested",
		strings.Repeat("(", 1000) + "x": "nested",
	} {
		if _, err := ruleOf(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: %v, want %q", text, err, says)
		}
	}
}

func TestCompositeFollowsItsChildren(t *testing.T) {
	l, s := newService(0)
	install(t, s, metricAlarm("a", notBreaching), metricAlarm("quiet", notBreaching))
	installComposite(t, s, "middle", "ALARM(a)")
	installComposite(t, s, "outer", "ALARM(middle) AND NOT ALARM(quiet)")
	if got := stateOf(t, s, "outer"); got != types.StateValueOk {
		t.Fatalf("when created: %s", got)
	}
	s.Put("Orders", "Failed", nil, at(0), 0, 1, 0, 0)
	l.AdvanceTo(at(2))
	if got := stateOf(t, s, "outer"); got != types.StateValueOk {
		t.Fatalf("with all children fine: %s", got)
	}
	s.Install(mustDefine(t, metricAlarm("quiet", func(a *types.MetricAlarm) { a.MetricName = aws.String("Nothing"); notBreaching(a) })))
	s.Put("Orders", "Failed", nil, at(2), 1, 1, 0, 0)
	l.AdvanceTo(at(4))
	if got := stateOf(t, s, "outer"); got != types.StateValueAlarm {
		t.Fatalf("with a child of a child in ALARM: %s", got)
	}
}

func mustDefine(t testing.TB, a types.MetricAlarm) *Definition {
	t.Helper()
	d, err := Define(a)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func FuzzRule(f *testing.F) {
	for _, seed := range []string{`ALARM("a") AND NOT OK(b)`, `(TRUE OR FALSE)`, `ALARM("q\"x")`, "((((", `INSUFFICIENT_DATA(arn:aws:x:alarm:y)`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ruleOf(text)
		if err != nil {
			return
		}
		for _, state := range []types.StateValue{types.StateValueOk, types.StateValueAlarm, types.StateValueInsufficientData, ""} {
			r.holds(func(string) types.StateValue { return state })
		}
		for _, name := range r.children {
			if name == "" {
				t.Errorf("%q names an alarm without a name", text)
			}
		}
	})
}
