package rehearsal

import (
	"regexp"
	"slices"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// The one message about a release that is over says what serves and how it stands, why, what it cost, and what to do. A
// queue whose messages are given up at their first failure shows what is in its dead-letter queue.
func TestWhatPeopleGetWhenAReleaseEnds(t *testing.T) {
	givenUpAtOnce := func(target *release.Target, s *scenario.Scenario) {
		s.World.Queue.MaxReceiveCount = 1
		target.Checks.Alarms = slices.DeleteFunc(slices.Clone(target.Checks.Alarms), func(name string) bool { return name == "orders-dlq-not-empty" })
	}
	for file, c := range map[string]struct {
		subject string
		says    []string
	}{
		"bad.yaml": {"serin: orders-worker rolled back, nothing to do", []string{
			`^orders-worker serves sha256:[0-9a-f]{8} again since 09:\d\d UTC \(10 of 10 tasks running\)\.\n`, `\nWhy: \S.*\.\n`,
			`\n[1-9]\d* of [1-9],?\d+ messages failed on the canary\.\n`, `\nIn orders-dlq: [1-9][\d,]* messages now, [\d,]+ before this release;`, `\nNothing to do\.\n`,
			`\nThis revision will not start again by itself\. To try it again: serin start orders-worker --image orders-worker@sha256:[0-9a-f]{64} --retry --reason "\.\.\."\n`,
			`\nExecution: https://`,
		}},
		"good.yaml": {"serin: orders-worker released, nothing to do", []string{
			`^orders-worker serves sha256:[0-9a-f]{8} since 09:\d\d UTC \(10 of 10 tasks running\)\.\n`, `\nWhy: \S.*\.\n`,
			`\nTo go back to what served before: serin start orders-worker --undo r-[0-9a-f]{12} --reason "\.\.\."\n`,
		}},
	} {
		run, err := plan(t, file, givenUpAtOnce).Start(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(run.Close)
		run.Finish()
		told := run.account.SNS.Messages()
		if len(told) != 1 || told[0].Subject != c.subject {
			t.Fatalf("%s: told %+v", file, told)
		}
		for _, says := range c.says {
			if !regexp.MustCompile(says).MatchString(told[0].Text) {
				t.Errorf("%s does not say %s:\n%s", file, says, told[0].Text)
			}
		}
	}
}
