package proxy

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
)

// The table of differences in docs/mirror.md is the one in the code.
func TestDocument(t *testing.T) {
	const path = "../../docs/mirror.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), "-update -->\n")
	_, after, ended := strings.Cut(rest, "<!-- end of differences -->")
	if !found || !ended {
		t.Fatal("the place of the table is not marked in " + path)
	}
	table := "\n| request | nginx | Envoy | why it is left so |\n|---|---|---|---|\n"
	for _, d := range Differences() {
		table += fmt.Sprintf("| %s | %s | %s | %s |\n", d.Case, d.Nginx, d.Envoy, d.Why)
	}
	want := before + "-update -->\n" + table + "\n<!-- end of differences -->" + after
	if golden.Updating() {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(data) {
		t.Errorf("%s is not what the code says; write it with: go test ./internal/proxy -run TestDocument -update", path)
	}
}
