package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
	"github.com/mattn/go-isatty"
)

// screenFile is a file that may be a terminal.
type screenFile interface {
	io.ReadWriteCloser
	Fd() uintptr
}

// terminal returns a stream as a terminal, where it is one whose cursor can be moved. One without a size, as programs make
// them for others, shows nothing but lines.
func terminal(stream any) (screenFile, bool) {
	file, ok := stream.(screenFile)
	if !ok || !isatty.IsTerminal(file.Fd()) || os.Getenv("TERM") == "dumb" {
		return file, false
	}
	columns, rows, err := term.GetSize(file.Fd())
	return file, err == nil && columns > 0 && rows > 0
}

// liveView is a live view, which knows what stays of it on the screen and what its command ends with.
type liveView interface {
	tea.Model
	Leave() string
	end() error
}

// present runs a live view to its end. interrupted is the error of whoever stops it by a signal.
func present(ctx context.Context, first liveView, in io.Reader, out screenFile, interrupted error) error {
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithOutput(out), tea.WithInput(nil)}
	if keys, ok := terminal(in); ok {
		options = append(options, tea.WithInput(keys))
	}
	last, err := tea.NewProgram(first, options...).Run()
	if last, ok := last.(liveView); ok {
		fmt.Fprint(out, last.Leave())
		err = cmp.Or(err, last.end())
	}
	if errors.Is(err, tea.ErrInterrupted) { // as a signal, where no key can be read
		return interrupted
	}
	return err
}

// The width of what is not a live view, in columns.
const (
	usual    = 80
	broadest = 120
)

// width returns how wide a text may be: as a terminal is, or as usual.
func width(out io.Writer) int {
	if view, ok := terminal(out); ok {
		if columns, _, err := term.GetSize(view.Fd()); err == nil {
			return min(columns, broadest)
		}
	}
	return usual
}

// colourful reports whether colour helps: a terminal, and nobody who said no. https://no-color.org
func colourful(out io.Writer) bool {
	_, ok := terminal(out)
	return ok && os.Getenv("NO_COLOR") == ""
}

// output returns standard output as the locale wants it: with signs in ASCII where it names another encoding than UTF-8.
// Where no locale is set, as in most containers, UTF-8 is what reads it.
func output(out *os.File, getenv func(string) string) io.Writer {
	locale := strings.ToLower(cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")))
	if locale == "" || strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8") {
		return out
	}
	return plainFile{out}
}

// plainFile writes ASCII: the signs of the screens by others that are as wide, and what has none as a question mark.
type plainFile struct{ *os.File }

// Write writes a text. What comes of it is as long for the caller as what was given.
func (f plainFile) Write(text []byte) (int, error) { return f.WriteString(string(text)) }

// WriteString writes as Write does.
func (f plainFile) WriteString(text string) (int, error) {
	if _, err := f.File.WriteString(strings.Map(plainSign, text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// ReadFrom keeps io.Copy from going past Write.
func (f plainFile) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{f}, r)
}

const (
	signs = "\u25b8\u2714\u2716\u25c6\u2016\u2026\u00b7\u2588\u2591▁▂▃▄▅▆▇\u00a0"
	plain = ">+x*=~-#._.:-=+* "
)

func plainSign(sign rune) rune {
	if sign < 0x80 {
		return sign
	}
	for i, known := range []rune(signs) {
		if known == sign {
			return rune(plain[i])
		}
	}
	return '?'
}
