package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"
)

// pseudo is a terminal that answers nothing it is asked, with somebody who reads what it shows.
type pseudo struct {
	t           *testing.T
	tty, person *os.File

	mu    sync.Mutex
	shown strings.Builder
	more  chan struct{} // something was shown
}

// newPseudo opens a pseudo terminal. https://man7.org/linux/man-pages/man4/pts.4.html
func newPseudo(t *testing.T, columns, rows uint16) *pseudo {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	var locked int32
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, person.Fd(), unix.TIOCSPTLCK, uintptr(unsafe.Pointer(&locked))); errno != 0 {
		t.Fatal(errno)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &pseudo{t: t, tty: tty, person: person, more: make(chan struct{}, 1)}
	p.size(columns, rows)
	go p.read()
	t.Cleanup(func() {
		tty.Close()    //nolint:errcheck // nothing is written any more
		person.Close() //nolint:errcheck // as above
	})
	return p
}

func (p *pseudo) size(columns, rows uint16) {
	p.t.Helper()
	if err := unix.IoctlSetWinsize(int(p.tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pseudo) read() {
	buffer := make([]byte, 4096)
	for {
		n, err := p.person.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.shown.Write(buffer[:n])
		p.mu.Unlock()
		select {
		case p.more <- struct{}{}:
		default: // somebody is to look already
		}
	}
}

// waits waits until a text was shown.
func (p *pseudo) waits(text string) {
	p.t.Helper()
	p.until(text, func(all string) bool { return strings.Contains(all, text) })
}

// until waits until what was shown so far is as wanted.
func (p *pseudo) until(what string, shown func(all string) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patient)
	defer cancel()
	for !shown(p.all()) {
		select {
		case <-p.more:
		case <-ctx.Done():
			p.t.Fatalf("%q was not shown:\n%q", what, p.all())
		}
	}
}

// patient is how long a test waits for what comes at once.
const patient = 30 * time.Second

func (p *pseudo) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

func (p *pseudo) types(keys string) {
	p.t.Helper()
	if _, err := p.person.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// What stays on the terminal comes after the other screen is left.
const leavesScreen = "\x1b[?1049l"

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// watchedIn watches a release that bakes in a terminal, until what the person does has ended that, and returns what stays.
func watchedIn(t *testing.T, p *pseudo, does func(p *pseudo)) (code int, stays string) {
	t.Helper()
	account, run := rehearsed(t, "bad.yaml")
	run.Advance(4 * time.Minute)
	ended := make(chan int)
	go func() {
		ended <- execute(root(account.world()), []string{"watch", "orders-worker"}, p.tty, p.tty, p.tty)
	}()
	does(p)
	p.waits(leavesScreen)
	code = <-ended
	p.waits("\x1b[?25h") // the cursor is back
	fmt.Fprint(p.tty, "the end")
	p.waits("the end")
	_, stays, _ = strings.Cut(p.all(), leavesScreen)
	return code, strings.ReplaceAll(stays, "\r\n", "\n")
}

// A terminal that answers nothing shows the release at once, in its width, and has what was seen last on it afterwards.
func TestWatchingInATerminal(t *testing.T) {
	for _, columns := range []uint16{60, 80, 120} {
		code, stays := watchedIn(t, newPseudo(t, columns, 40), func(p *pseudo) {
			p.waits("q leaves")
			p.types("q")
		})
		if code != exitOK || !strings.Contains(stays, "Baking") || !strings.Contains(stays, "next look in ") || strings.Contains(stays, "q leaves") {
			t.Errorf("%d columns: exit %d\n%s", columns, code, stays)
		}
		for line := range strings.Lines(stays) {
			if width := ansi.StringWidth(strings.TrimRight(line, "\n")); width > int(columns) {
				t.Errorf("%d of %d columns: %q", width, columns, line)
			}
		}
		if !sgr.MatchString(stays) {
			t.Errorf("%d columns: no colour", columns)
		}
	}
}

func TestWatchingWithoutColour(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	_, stays := watchedIn(t, newPseudo(t, 80, 40), func(p *pseudo) { p.waits("q leaves"); p.types("q") })
	if colours := sgr.FindAllString(stays, -1); len(colours) > 0 {
		t.Errorf("colours %q", colours)
	}
}

func TestCtrlCInATerminal(t *testing.T) {
	code, stays := watchedIn(t, newPseudo(t, 80, 40), func(p *pseudo) { p.waits("q leaves"); p.types("\x03") })
	if code != exitStopped || !strings.Contains(stays, "left; the release goes on by itself") {
		t.Errorf("exit %d\n%s", code, stays)
	}
}

// A terminal that becomes another size is drawn anew in that.
func TestATerminalThatChangesItsSize(t *testing.T) {
	_, stays := watchedIn(t, newPseudo(t, 120, 45), func(p *pseudo) {
		p.waits("q leaves")
		before := len(p.all())
		p.size(60, 40)
		if err := unix.Kill(unix.Getpid(), unix.SIGWINCH); err != nil { // this is not the process' own terminal
			t.Error(err)
		}
		p.until("a redrawn screen", func(all string) bool { return strings.Contains(all[before:], "serves") })
		p.types("q")
	})
	for line := range strings.Lines(stays) {
		if ansi.StringWidth(strings.TrimRight(line, "\n")) > 60 {
			t.Errorf("wider than 60 columns: %q", line)
		}
	}
}

// A terminal without a size gets lines, as a pipe does.
func TestATerminalWithoutASize(t *testing.T) {
	p := newPseudo(t, 0, 0)
	if _, ok := terminal(p.tty); ok {
		t.Error("a live view of no size")
	}
	p.size(80, 24)
	if _, ok := terminal(p.tty); !ok {
		t.Error("no live view in a terminal")
	}
}
