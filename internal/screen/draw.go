package screen

import (
	"math"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Colour reports whether colours may be used: on a terminal that can, unless NO_COLOR is set (https://no-color.org).
func Colour(terminal bool, getenv func(string) string) bool {
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// palette is how things are told apart, apart from the words and signs that tell them apart already.
type palette struct {
	strong, muted, fresh, old, pass, fail, wait lipgloss.Style
}

func newPalette(colour bool) palette {
	plain := lipgloss.NewStyle()
	if !colour {
		return palette{plain, plain, plain, plain, plain, plain, plain}
	}
	hue := func(code string) lipgloss.Style { return plain.Foreground(lipgloss.Color(code)) } // the 16 colours that the person has chosen
	return palette{
		strong: plain.Bold(true), muted: plain.Faint(true),
		fresh: hue("3"), old: hue("4"), pass: hue("2"), fail: hue("1").Bold(true), wait: hue("3"),
	}
}

// verdict returns the sign, the word and the style of a verdict.
func (p palette) verdict(verdict release.Verdict) (sign, word string, style lipgloss.Style) {
	switch verdict {
	case release.Pass:
		return "\u2714", "PASS", p.pass
	case release.Fail:
		return "\u2716", "FAIL", p.fail
	case release.Inconclusive:
		return "?", "not enough to tell", p.wait
	case release.NoData:
		return "\u00b7", "no data", p.muted
	}
	return "\u00b7", "not judged yet", p.muted
}

func (p palette) outcome(outcome release.Outcome) (sign string, style lipgloss.Style) {
	switch outcome {
	case release.OutcomeReleased:
		return "\u2714", p.pass
	case release.OutcomeNothing:
		return "=", p.pass
	case release.OutcomeRolledBack:
		return "\u2716", p.fail
	case release.OutcomeDirty:
		return "!", p.fail
	case release.OutcomeHeld, release.OutcomeRefused, release.OutcomeAbandoned:
		return "\u2016", p.wait
	}
	return "\u2026", p.old
}

// bar draws a share of 0 to 1 over so many cells; what is more than nothing shows at least one.
func bar(share float64, cells int) string {
	full := int(math.Round(share * float64(cells)))
	if share > 0 {
		full = max(1, full)
	}
	full = min(cells, max(0, full))
	return strings.Repeat("\u2588", full) + strings.Repeat("\u2591", cells-full)
}

var sparks = []rune("▁▂▃▄▅▆▇█")

// spark draws values as a line of blocks, the highest of all as high as top.
func spark(values []float64, top float64) string {
	var text strings.Builder
	for _, value := range values {
		i := 0
		if top > 0 {
			i = int(math.Ceil(value/top*float64(len(sparks)))) - 1
		}
		text.WriteRune(sparks[min(len(sparks)-1, max(0, i))])
	}
	return text.String()
}

// Wrap breaks a text into lines of at most width cells, as everything here does.
func Wrap(text string, width int) []string { return wrap(text, width) }

// What holds a text together: a hyphen and a space at which no line ends.
var (
	hold   = strings.NewReplacer("-", "\u2011", " %", "\u00a0%")
	loosen = strings.NewReplacer("\u2011", "-", "\u00a0", " ")
)

// wrap breaks a text into lines of at most width cells. Names keep their hyphens together, so that they can be found
// and copied, and numbers their percent signs.
func wrap(text string, width int) []string {
	return strings.Split(loosen.Replace(ansi.Wrap(hold.Replace(story.Plain(text)), max(10, width), "")), "\n")
}

// fit cuts a line to width cells.
func fit(line string, width int) string { return ansi.Truncate(line, width, "\u2026") }

// pad fills a text with spaces to width cells.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

// flush fills a text with spaces on the left.
func flush(text string, width int) string {
	return strings.Repeat(" ", max(0, width-ansi.StringWidth(text))) + text
}
