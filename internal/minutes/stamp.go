package minutes

import (
	"strconv"
	"time"
)

// Stamp is a minute as the file names it: a number, or a time.
type Stamp struct {
	number int64
	text   string // of a time, as it was written
}

// String returns what the file holds.
func (s Stamp) String() string {
	if s.text != "" {
		return s.text
	}
	return strconv.FormatInt(s.number, 10)
}

// AppendJSON appends a number as a number and a time as a string. A time holds nothing that JSON would escape.
func (s Stamp) AppendJSON(text []byte) []byte {
	if s.text != "" {
		return strconv.AppendQuote(text, s.text)
	}
	return strconv.AppendInt(text, s.number, 10)
}

// Numbered reports whether the minute is a number.
func (s Stamp) Numbered() bool { return s.text == "" }

// numbered is when a numbered minute begins: minute 0 is the beginning of 1970 in UTC, so that all minutes have a time.
func numbered(number int64) time.Time { return time.Unix(60*number, 0).UTC() }
