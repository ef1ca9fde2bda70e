package minutes

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// column is one of the columns that a file must have.
type column int

const (
	minute column = iota
	canaryUnits
	canaryFailed
	baselineUnits
	baselineFailed
	columns int = iota
)

var names = [columns]string{"minute", "canary_n", "canary_failed", "baseline_n", "baseline_failed"}

// Header is the first line of a file, as people write it.
const Header = "minute,canary_n,canary_failed,baseline_n,baseline_failed"

// header reads the first line: every column once, in any order, and no other, since a column that nobody knows is more
// often a misspelt one than one too many. It returns where each column stands.
func header(line []byte) (places [columns]int, wrong fault) {
	for i := range places {
		places[i] = -1
	}
	all := func(text string, args ...any) ([columns]int, fault) {
		return places, fault{text: fmt.Sprintf(text, args...) + "; the first line must name the columns: " + Header}
	}
	fields := split(line, nil)
	known := 0
	for i, f := range fields {
		at := slices.Index(names[:], string(f.text))
		if at < 0 {
			continue
		}
		if places[at] >= 0 {
			return places, f.fault(names[at], "is named twice; each column may stand once")
		}
		places[at] = i
		known++
	}
	switch {
	case known == 0 && separated(line):
		return all("columns must be separated by commas")
	case known == 0:
		return all("is %s", field{text: line}.quote())
	}
	for _, f := range fields {
		if !slices.Contains(names[:], string(f.text)) {
			return places, f.fault("", "column %s is not known; remove it, or call it what it is: %s", f.quote(), Header)
		}
	}
	var missing []string
	for i, at := range places {
		if at < 0 {
			missing = append(missing, names[i])
		}
	}
	if len(missing) > 0 {
		return all("missing: %s", strings.Join(missing, ", "))
	}
	return places, fault{}
}

// separated reports whether a line separates the columns by something else than commas, as some spreadsheets do.
func separated(line []byte) bool {
	return bytes.ContainsAny(line, ";\t|") && bytes.Contains(line, []byte(names[canaryUnits]))
}
