package report

import (
	"time"
)

// plot is one drawing over the shared time axis.
type plot struct {
	ID     string
	Title  string
	Note   string // one line: what one sees and how to read it
	Alt    string // what the plot shows, for those who do not see it
	Legend []key
	Height int
	Grid   []mark  // times and phases, the same in every plot
	Labels []label // of the value axis
	Marks  []mark
	Hits   []hit
}

// key explains one sign of a plot.
type key struct {
	Class string
	Shape shape
	Text  string
}

// shape is how a sign is drawn.
type shape string

const (
	area   shape = "area"
	disc   shape = "disc"
	square shape = "square"
	stroke shape = "stroke"
	cross  shape = "cross"
)

// label is a value on the value axis.
type label struct {
	Y    string
	Text string
}

// mark is one shape of a drawing. Which fields count depends on the kind.
type mark struct {
	Kind           kind
	Class          string
	X, Y, X2, Y2   string
	Width, Height  string
	Text           string
	Path           string
	Anchor         string // of a text: start, middle, end
	Clip           bool   // of a text in a box: cut off what does not fit
	Narrow, Medium bool   // of a text in a box: too narrow on any screen, on a phone
}

type kind string

const (
	rectMark  kind = "rect"
	lineMark  kind = "line"
	discMark  kind = "disc"
	squareMk  kind = "square"
	crossMark kind = "cross"
	textMark  kind = "text"
	boxMark   kind = "box"
)

// hit is an invisible stripe of time whose text says what stands there.
type hit struct{ X, Width, Text string }

func (p *plot) rect(class string, x1, x2, top, bottom float64) {
	x1, x2 = hundredth(x1), hundredth(x2) // so that neighbours meet without a gap
	p.Marks = append(p.Marks, mark{Kind: rectMark, Class: class, X: percent(x1), Width: percent(max(0, x2-x1)), Y: pixels(top), Height: pixels(max(0, bottom-top))})
}

func (p *plot) line(class string, x1, y1, x2, y2 float64) {
	p.Marks = append(p.Marks, mark{Kind: lineMark, Class: class, X: percent(x1), Y: pixels(y1), X2: percent(x2), Y2: pixels(y2)})
}

func (p *plot) point(kind kind, class string, x, y float64) {
	p.Marks = append(p.Marks, mark{Kind: kind, Class: class, X: percent(x), Y: pixels(y)})
}

func (p *plot) text(class, anchor string, x, y float64, text string) {
	p.Marks = append(p.Marks, mark{Kind: textMark, Class: class, Anchor: anchor, X: percent(x), Y: pixels(y), Text: text})
}

// box is a labelled stretch of time. Its label is left out where it would not fit.
func (p *plot) box(class string, x1, x2, top, height float64, text string) {
	const narrow, medium = 3.2, 13 // percent of the width
	p.Marks = append(p.Marks, mark{
		Kind: boxMark, Class: class, X: percent(x1), Width: percent(max(0, x2-x1)), Y: pixels(top), Height: pixels(height), Text: text,
		Narrow: x2-x1 < max(narrow, 0.62*float64(len([]rune(text)))), Medium: x2-x1 < max(medium, 2.3*float64(len([]rune(text)))),
	})
}

// value draws a line across the plot at a value and writes the value beside it.
func (p *plot) value(y float64, text string) {
	p.Marks = append(p.Marks, mark{Kind: lineMark, Class: "grid", X: "0%", X2: "100%", Y: pixels(y), Y2: pixels(y)})
	p.Labels = append(p.Labels, label{Y: pixels(y), Text: text})
}

func (p *plot) hit(a axis, from, to time.Time, text string) {
	x := a.x(from)
	p.Hits = append(p.Hits, hit{X: percent(x), Width: percent(max(0, a.x(to)-x)), Text: text})
}
