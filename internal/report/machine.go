package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// machine is the drawing of the path through the state machine.
type machine struct {
	Width, Height string
	Alt           string
	Ways          []wayMark
	States        []stateMark
	Rows          []stateRow
	Transitions   string
	End           string
}

type wayMark struct {
	Class string
	Path  string
	Arrow string
}

type stateMark struct {
	Class          string
	X, Y           string // of the centre
	Form           form
	Width, Height  string
	Left, Top      string
	Points         string // of a choice
	Name           string
	Title          string
	Count          string // empty where it was entered once or never
	CountX, CountY string
}

// stateRow is a line of the table beside the drawing.
type stateRow struct {
	State       string
	Times       int
	First, Last string
}

// path draws the state machine and what the execution visited of it; nil without a path.
func path(r *story.Rehearsed) *machine {
	if r == nil || len(r.Path) == 0 {
		return nil
	}
	counts, moves := map[string]int{}, map[[2]string]int{}
	for i, visit := range r.Path {
		counts[visit.State]++
		if i > 0 {
			moves[[2]string{r.Path[i-1].State, visit.State}]++
		}
	}
	m := &machine{Transitions: release.Count(int64(r.Transitions)), End: r.End, Rows: stateRows(r.Path)}
	rows := 0
	for _, p := range places {
		rows = max(rows, p.Row)
		m.States = append(m.States, stateOf(p, counts[p.State]))
	}
	m.Width, m.Height = pixels(drawingWidth), pixels(firstRow*2+float64(rows)*rowHeight)
	m.Ways = wayMarks(moves)
	m.Alt = fmt.Sprintf("The states of the state machine; the execution went through %d of %d, from %s to %s, in %s transitions.",
		len(counts), len(places), r.Path[0].State, r.Path[len(r.Path)-1].State, m.Transitions)
	return m
}

// wayMarks draws the ways not taken below those taken. A way that the drawing does not know is drawn straight.
func wayMarks(moves map[[2]string]int) []wayMark {
	var faint, taken []wayMark
	known := map[[2]string]bool{}
	for _, w := range ways {
		pair := [2]string{w.From, w.To}
		known[pair] = true
		class := "way"
		if w.CatchOnly {
			class += " catch"
		}
		if moves[pair] > 0 {
			taken = append(taken, wayMark{class + " taken", pathOf(w), "arrow-taken"})
		} else if !w.CatchOnly {
			faint = append(faint, wayMark{class, pathOf(w), "arrow"})
		}
	}
	var strange []wayMark
	for pair := range moves {
		from, to := placeOf(pair[0]), placeOf(pair[1])
		if known[pair] || from == nil || to == nil || pair[0] == pair[1] {
			continue // a retry of the same state is a count, not a way
		}
		d := fmt.Sprintf("M%s %s L%s %s", pixels(from.x()), pixels(from.y()), pixels(to.x()), pixels(to.y()))
		strange = append(strange, wayMark{"way catch taken", d, "arrow-taken"})
	}
	slices.SortFunc(strange, func(a, b wayMark) int { return strings.Compare(a.Path, b.Path) })
	return slices.Concat(faint, strange, taken)
}

func stateOf(p place, count int) stateMark {
	state := stateMark{
		Class: "state " + string(p.Form), Form: p.Form, Name: p.State,
		X: pixels(p.x()), Y: pixels(p.y()), Width: pixels(boxWidth), Height: pixels(boxHeight),
		Left: pixels(p.x() - boxWidth/2), Top: pixels(p.y() - boxHeight/2),
		Title:  fmt.Sprintf("%s: %s", p.State, times(count)),
		CountX: pixels(p.x() + boxWidth/2 - 2), CountY: pixels(p.y() - boxHeight/2),
	}
	if p.Form == choiceForm {
		const cut = 11
		l, r, t, b := p.x()-boxWidth/2, p.x()+boxWidth/2, p.y()-boxHeight/2, p.y()+boxHeight/2
		state.Points = fmt.Sprintf("%s,%s %s,%s %s,%s %s,%s %s,%s %s,%s", pixels(l), state.Y, pixels(l+cut), pixels(t),
			pixels(r-cut), pixels(t), pixels(r), state.Y, pixels(r-cut), pixels(b), pixels(l+cut), pixels(b))
	}
	if count > 0 {
		state.Class += " visited"
	}
	if count > 1 {
		state.Count = "\u00d7" + release.Count(int64(count))
	}
	return state
}

func times(n int) string {
	switch n {
	case 0:
		return "not entered"
	case 1:
		return "entered once"
	}
	return "entered " + release.Count(int64(n)) + " times"
}

func placeOf(state string) *place {
	for i := range places {
		if places[i].State == state {
			return &places[i]
		}
	}
	return nil
}

func (p place) x() float64 { return columns[p.Column] }
func (p place) y() float64 { return firstRow + float64(p.Row)*rowHeight }

// end returns where an edge meets a side of a state.
func (p place) end(s side, shift float64) (x, y float64) {
	switch s {
	case above:
		return p.x(), p.y() - boxHeight/2
	case left:
		return p.x() - boxWidth/2, p.y() + shift
	case right:
		return p.x() + boxWidth/2, p.y() + shift
	}
	return p.x(), p.y() + boxHeight/2
}

func pathOf(w way) string {
	from, to := placeOf(w.From), placeOf(w.To)
	x1, y1 := from.end(w.Out, w.OutShift)
	x2, y2 := to.end(w.In, w.InShift)
	switch {
	case w.Via != 0:
		return fmt.Sprintf("M%s %s H%s V%s H%s", pixels(x1), pixels(y1), pixels(w.Via), pixels(y2), pixels(x2))
	case w.Out == above && w.In == left:
		return fmt.Sprintf("M%s %s V%s H%s", pixels(x1), pixels(y1), pixels(y2), pixels(x2))
	}
	return fmt.Sprintf("M%s %s L%s %s", pixels(x1), pixels(y1), pixels(x2), pixels(y2))
}

// stateRows lists every state that was entered, in the order of the first time.
func stateRows(visits []story.Visit) []stateRow {
	var rows []stateRow
	for _, visit := range visits {
		i := slices.IndexFunc(rows, func(row stateRow) bool { return row.State == visit.State })
		if i < 0 {
			i = len(rows)
			rows = append(rows, stateRow{State: visit.State, First: clock(visit.At)})
		}
		rows[i].Times++
		rows[i].Last = clock(visit.At)
	}
	return rows
}

// clock writes a time of day to the second.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") }
