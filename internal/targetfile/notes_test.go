package targetfile_test

import (
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/targetfile"
)

func TestNotes(t *testing.T) {
	base := string(read(t, "testdata/base.yaml"))
	for _, c := range []struct{ name, old, new, want string }{
		{"nothing to say", "", "", ""},
		{"large", "orders-oldest-message]", "orders-oldest-message" + manyLongAlarms(60) + "]", "needs an advanced SSM parameter"},
		{"no comparison", "  compare:\n    - name: failures\n      proportion: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service}}\n      margin: 1.25\n", "", "nothing compares the canary"},
		{"all at once", "    - {weight: 10, bake: 10m}\n    - {weight: 25, bake: 10m, approval: required}\n", "    - {weight: 100}\n", "has nothing to compare"},
		{"tight deadline", "deadline: 3h", "deadline: 25m", "plan.deadline leaves 5m beyond the bakes"},
		{"promoted blindly", "inconclusive: hold", "inconclusive: promote", "nothing is known"},
		{"silence is a yes", "onExpiry: rollback", "onExpiry: promote", "silence counts as a yes"},
		{"not watched", "settle: 15m", "settle: 0s", "nobody watches"},
	} {
		text := strings.Replace(base, c.old, c.new, 1)
		notes := targetfile.Notes(parse(t, "a.yaml", text))
		if len(notes) > 1 || (len(notes) == 0) != (c.want == "") || !strings.Contains(strings.Join(notes, "\n"), c.want) {
			t.Errorf("%s: %q", c.name, notes)
		}
	}
}

func manyLongAlarms(n int) string {
	return strings.ReplaceAll(manyAlarms(n), "alarm-", strings.Repeat("long-", 12))
}

// An SSM parameter holds no more than 8 KB.
func TestTooLargeForAParameter(t *testing.T) {
	text := strings.Replace(string(read(t, "testdata/base.yaml")), "orders-oldest-message]", "orders-oldest-message"+strings.ReplaceAll(manyAlarms(98), "alarm-", strings.Repeat("long-", 16))+"]", 1)
	_, err := targetfile.Parse("orders.yaml", []byte(text))
	if err == nil || !strings.Contains(err.Error(), "orders.yaml:1:1: has 9") || !strings.Contains(err.Error(), "bytes as JSON but must have at most 8192") {
		t.Errorf("%v", err)
	}
}
