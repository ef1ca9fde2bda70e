package rehearsal

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
)

// The list of accidents stands between these lines of the document.
const (
	accidentsBegin = "<!-- accidents: written by go test ./internal/rehearsal -run TestTheDocumentNamesEveryFault -update -->\n"
	accidentsEnd   = "<!-- end of accidents -->\n"
)

// The document names every kind of fault, and every accident of each platform.
func TestTheDocumentNamesEveryFault(t *testing.T) {
	const file = "../../docs/reliability.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := bytes.Cut(text, []byte(accidentsBegin))
	written, after, ended := bytes.Cut(rest, []byte(accidentsEnd))
	if !begun || !ended {
		t.Fatalf("%s has no place for the accidents", file)
	}
	for _, kind := range faults.Kinds() {
		if !bytes.Contains(text, fmt.Appendf(nil, "`%s`", kind)) {
			t.Errorf("%s does not name what %q is", file, kind)
		}
	}
	table := accidentTable(t)
	if golden.Updating() {
		if err := os.WriteFile(file, slices.Concat(before, []byte(accidentsBegin), []byte(table), []byte(accidentsEnd), after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if string(written) != table {
		t.Errorf("%s lists other accidents; write them with: go test ./internal/rehearsal -run TestTheDocumentNamesEveryFault -update", file)
	}
}

// accidentTable lists what can befall the workload of each platform's short plan.
func accidentTable(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| short plan | its accidents | what somebody may delete |\n|---|---|---|\n")
	for _, target := range append(platforms(t), "target-lambda-image.yaml") {
		p := shortOf(t, target, "good.yaml")
		a, err := p.account(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, accident := range a.accidents() {
			names = append(names, accident.Name)
		}
		var parts []string
		for _, part := range a.world.Deletions() {
			parts = append(parts, part.What)
		}
		a.door.Close()
		fmt.Fprintf(&table, "| %s | %s | %s |\n", strings.TrimSuffix(target, ".yaml"), strings.Join(names, "; "), strings.Join(parts, "; "))
	}
	return table.String()
}
