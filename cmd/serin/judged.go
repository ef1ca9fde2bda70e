package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/minutes"
	"github.com/serin-aws/serin/internal/release"
)

// waitingRoom keeps text in a file until all of it may be shown.
type waitingRoom struct {
	file *os.File
	*bufio.Writer
}

func newWaitingRoom(file *os.File) waitingRoom { return waitingRoom{file, bufio.NewWriter(file)} }

// leave shows all of it.
func (w waitingRoom) leave(out io.Writer) error {
	if err := w.Flush(); err != nil {
		return err
	}
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(out, w.file)
	return err
}

// jsonTeller writes the object that scripts read.
type jsonTeller struct {
	out     io.Writer
	waiting waitingRoom
	rows    int
}

func newJSONTeller(out io.Writer, file *os.File) *jsonTeller {
	return &jsonTeller{out: out, waiting: newWaitingRoom(file)}
}

// judged is one minute of the object. Scripts rely on its fields.
type judged struct {
	Minute    minutes.Stamp   `json:"minute"`
	E         float64         `json:"e"`
	RatioLow  float64         `json:"ratioLow"`
	RatioHigh *float64        `json:"ratioHigh"` // null where there is no upper end
	Verdict   release.Verdict `json:"verdict"`
}

func (t *jsonTeller) look(row minutes.Row, p *judge.Process) error {
	i := p.Interval()
	one := judged{Minute: row.Stamp, E: eValue(p), RatioLow: i.Low, Verdict: p.Verdict()}
	if !math.IsInf(i.High, 1) {
		one.RatioHigh = &i.High
	}
	text, err := json.Marshal(one)
	if err != nil {
		return err
	}
	separator := ",\n    "
	if t.rows == 0 {
		separator = "\n    "
	}
	t.rows++
	_, err = fmt.Fprintf(t.waiting, "%s%s", separator, text)
	return err
}

// eValue returns the e-value, at most 1e304: JSON has no infinity.
func eValue(p *judge.Process) float64 { return math.Exp(min(p.LogE(), 304*math.Ln10)) }

func (t *jsonTeller) end(p *judge.Process) error {
	decided := "null"
	if row, failed := p.Decided(); failed {
		decided = fmt.Sprint(row)
	}
	if _, err := fmt.Fprintf(t.out, "{\n  \"verdict\": %q,\n  \"decidedAtMinute\": %s,\n  \"minutes\": [", p.Verdict(), decided); err != nil {
		return err
	}
	if err := t.waiting.leave(t.out); err != nil {
		return err
	}
	_, err := io.WriteString(t.out, "\n  ]\n}\n")
	return err
}
