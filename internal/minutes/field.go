package minutes

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// most bounds a number, so that sums stay exact. The judge has the same bound.
const most = int64(1e15)

// field is one value of a line, without the blanks and quotes around it.
type field struct {
	text []byte
	at   int // byte in the line, from 0
}

// split cuts a line at its commas. No value can hold a comma, so quotes need no more than to be taken off.
func split(line []byte, into []field) []field {
	at := 0
	for {
		end := bytes.IndexByte(line[at:], ',')
		if end < 0 {
			return append(into, trim(line[at:], at))
		}
		into = append(into, trim(line[at:at+end], at))
		at += end + 1
	}
}

func trim(text []byte, at int) field {
	left := bytes.TrimLeft(text, " \t")
	at += len(text) - len(left)
	text = bytes.TrimRight(left, " \t")
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' {
		return field{text[1 : n-1], at + 1}
	}
	return field{text, at}
}

// count reads a whole number, 0 or more.
func (f field) count(name string) (int64, fault) {
	number := int64(0)
	for _, c := range f.text {
		if c < '0' || c > '9' {
			return 0, f.notCount(name)
		}
		if number = 10*number + int64(c-'0'); number > most {
			return 0, f.fault(name, "is %s but can be 1e15 at most", f.quote())
		}
	}
	if len(f.text) == 0 {
		return 0, f.notCount(name)
	}
	return number, fault{}
}

// notCount says why a value is no count.
func (f field) notCount(name string) fault {
	switch number, err := strconv.ParseFloat(string(f.text), 64); {
	case len(f.text) == 0:
		return f.fault(name, "is empty but must be a whole number; 0 where nothing was counted")
	case err == nil && number < 0:
		return f.fault(name, "is %s but cannot be negative; it must be a whole number, 0 or more", f.quote())
	}
	return f.fault(name, "is %s but must be a whole number, 0 or more, in digits only, like 812", f.quote())
}

// stamp reads a minute. A minute begins at a full minute: seconds in its name say nothing.
func (f field) stamp() (Stamp, time.Time, fault) {
	if len(f.text) > 0 && bytes.IndexByte(f.text, ':') < 0 {
		number, wrong := f.count("minute")
		if wrong.ok() {
			return Stamp{number: number}, numbered(number), wrong
		}
	}
	text := string(f.text)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		what := f.quote()
		if text == "" {
			what = "empty"
		}
		return Stamp{}, at, f.fault("minute", "is %s but must be a number of minutes like 7, or a time with its zone like 2026-03-02T14:02:00Z", what)
	}
	return Stamp{text: text}, at.UTC().Truncate(time.Minute), fault{}
}

func (f field) fault(name, format string, args ...any) fault {
	return fault{at: f.at, field: name, text: fmt.Sprintf(format, args...)}
}

// longest bounds what an error repeats of a value, in characters.
const longest = 40

// quote returns a value as an error repeats it: cut, and without anything that a terminal would obey.
func (f field) quote() string {
	text := f.text
	if utf8.RuneCount(text) > longest {
		text = []byte(string([]rune(string(text))[:longest-3]) + "...")
	}
	return strconv.QuoteToASCII(string(text))
}
