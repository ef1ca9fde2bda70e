package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/minutes"
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
	text    []byte // used again
}

func newJSONTeller(out io.Writer, file *os.File) *jsonTeller {
	return &jsonTeller{out: out, waiting: newWaitingRoom(file)}
}

func (t *jsonTeller) look(row minutes.Row, p *judge.Process) error {
	i := p.Interval()
	if math.IsNaN(i.Low) || math.IsNaN(i.High) {
		return fmt.Errorf("minute %s: the interval is not a number", row.Stamp)
	}
	// By hand, since this is the whole work of a long replay: scripts rely on the names of these fields.
	text := append(t.text[:0], ",\n    "...)
	if t.rows == 0 {
		text = text[1:]
	}
	text = row.Stamp.AppendJSON(append(text, `{"minute":`...))
	text = appendNumber(append(text, `,"e":`...), eValue(p))
	text = appendNumber(append(text, `,"ratioLow":`...), i.Low)
	text = appendNumber(append(text, `,"ratioHigh":`...), i.High)
	text = append(append(text, `,"verdict":"`...), p.Verdict().String()...)
	text = append(text, `"}`...)
	t.rows++
	t.text = text[:0]
	_, err := t.waiting.Write(text)
	return err
}

// appendNumber writes a number, and null for infinity: there is no such end.
func appendNumber(text []byte, x float64) []byte {
	if math.IsInf(x, 1) {
		return append(text, "null"...)
	}
	return strconv.AppendFloat(text, x, 'g', -1, 64)
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
