package minutes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// The limits of a file.
const (
	MaxRows = 10_000_000 // nineteen years
	maxLine = 64 << 10   // bytes
)

// Row is one minute of a history.
type Row struct {
	Stamp  Stamp
	Minute judge.Minute
}

// Reader reads the rows of a file, in the order of time.
type Reader struct {
	name   string
	in     *bufio.Reader
	line   int // the newest line, from 1
	rows   int
	places [columns]int
	fields []field
	before Row
}

// NewReader returns a reader of a file, which errors call by its name.
func NewReader(name string, in io.Reader) *Reader {
	return &Reader{name: name, in: bufio.NewReaderSize(in, maxLine)}
}

// Next returns the next row, and io.EOF after the last. An error of the code Invalid holds a Problem; any other is the
// file's own.
func (r *Reader) Next() (Row, error) {
	if r.line == 0 {
		if err := r.begin(); err != nil {
			return Row{}, err
		}
	}
	line, err := r.next()
	if errors.Is(err, io.EOF) && r.rows == 0 {
		return Row{}, r.problem(fault{text: "there is no minute after the first line; at least one is needed"})
	}
	if err != nil {
		return Row{}, err
	}
	if r.rows == MaxRows {
		return Row{}, r.problem(fault{text: fmt.Sprintf("there are more than %d minutes; cut the file", MaxRows)})
	}
	row, wrong := r.row(line)
	if !wrong.ok() {
		return Row{}, r.problem(wrong)
	}
	r.rows++
	r.before = row
	return row, nil
}

// begin reads the header.
func (r *Reader) begin() error {
	line, err := r.next()
	if errors.Is(err, io.EOF) {
		r.line = 1
		return r.problem(fault{text: "the file is empty; its first line must name the columns: " + Header})
	}
	if err != nil {
		return err
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(line, []byte(mark)) {
			return r.problem(fault{text: "the file is written in UTF-16; save it as CSV in UTF-8"})
		}
	}
	places, wrong := header(line)
	if !wrong.ok() {
		return r.problem(wrong)
	}
	r.places = places
	return nil
}

// next returns the next line that is not blank, without its end. It holds until the line after it is read.
func (r *Reader) next() ([]byte, error) {
	for {
		line, err := r.in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil, io.EOF
		}
		r.line++
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, r.problem(fault{text: fmt.Sprintf("the line is longer than %d bytes; five numbers need far less", maxLine)})
		}
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("read %s: %w", r.name, err)
		}
		if r.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff")) // as spreadsheets write it
		}
		if line = bytes.TrimRight(line, "\r\n"); len(bytes.TrimLeft(line, " \t")) > 0 {
			return line, nil
		}
	}
}

func (r *Reader) row(line []byte) (Row, fault) {
	r.fields = split(line, r.fields[:0])
	if n := len(r.fields); n != columns {
		return Row{}, fault{text: fmt.Sprintf("has %d %s but the first line names %d columns", n, plural(n, "value"), columns)}
	}
	stamp, start, wrong := r.at(minute).stamp()
	if !wrong.ok() {
		return Row{}, wrong
	}
	row := Row{Stamp: stamp, Minute: judge.Minute{Start: start}}
	if wrong := r.order(row); !wrong.ok() {
		return Row{}, wrong
	}
	if row.Minute.Canary, wrong = r.arm(canaryUnits, canaryFailed); !wrong.ok() {
		return Row{}, wrong
	}
	row.Minute.Baseline, wrong = r.arm(baselineUnits, baselineFailed)
	return row, wrong
}

func (r *Reader) at(c column) field { return r.fields[r.places[c]] }

// order says what is wrong with a row after the one before it.
func (r *Reader) order(row Row) fault {
	if r.rows == 0 {
		return fault{}
	}
	at, before := r.at(minute), r.before
	switch start := row.Minute.Start; {
	case row.Stamp.Numbered() != before.Stamp.Numbered():
		return at.fault("minute", "is %s after %s; all minutes must be numbers, or all of them times", row.Stamp, before.Stamp)
	case start.Equal(before.Minute.Start):
		return at.fault("minute", "is %s again, the same minute as %s in the row before; each minute may stand once", row.Stamp, before.Stamp)
	case start.Before(before.Minute.Start):
		return at.fault("minute", "is %s after %s; minutes must rise, so sort the file by time", row.Stamp, before.Stamp)
	}
	return fault{}
}

// arm reads what one arm did.
func (r *Reader) arm(units, failed column) (arm release.Arm, wrong fault) {
	if arm.Units, wrong = r.at(units).count(names[units]); !wrong.ok() {
		return arm, wrong
	}
	if arm.Failed, wrong = r.at(failed).count(names[failed]); !wrong.ok() {
		return arm, wrong
	}
	if arm.Failed > arm.Units {
		return arm, r.at(failed).fault(names[failed], "is %d but %s is %d; at most all of them can fail", arm.Failed, names[units], arm.Units)
	}
	return arm, fault{}
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
