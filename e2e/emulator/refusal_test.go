//go:build emulator

package emulator

import (
	"os"
	"strings"
	"testing"
)

// refusals holds scripts/verify-aws.sh to its promise: without the right account, named, and empty of serin, it does
// nothing. The emulator is the account.
func refusals(t *testing.T, w *world) {
	for name, test := range map[string]struct{ account, region, says string }{
		"no account":         {"", region, "name the account"},
		"no account's id":    {"production", region, "name the account"},
		"another account":    {"999999999999", region, "are of account " + account + " and not of 999999999999"},
		"no region":          {account, "", "AWS_REGION is not set"},
		"serin is installed": {account, region, "serin is installed in account " + account},
	} {
		t.Run(name, func(t *testing.T) {
			c := cli{env: append(append([]string{}, w.env...), "PATH="+absolute(tools)+":"+os.Getenv("PATH"), "AWS_REGION="+test.region)}
			_, err := c.run(t, "../../scripts/verify-aws.sh", test.account)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "nothing was done") {
				t.Errorf("want %q, got %v", test.says, err)
			}
		})
	}
}
