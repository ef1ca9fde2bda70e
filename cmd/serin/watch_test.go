package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/screen"
)

// watched returns the live view of a release that is under way.
func watched(t *testing.T, scenario string) (watching, *installed) {
	t.Helper()
	account, run := rehearsed(t, scenario)
	run.Advance(time.Minute)
	f := follow{cloud: cloud{outside: account.world(), output: "text"}}
	if err := f.find(context.Background(), "orders-worker"); err != nil {
		t.Fatal(err)
	}
	return watching{Model: screen.NewModel(false, "q leaves"), ctx: context.Background(), follow: &f}, account
}

// goOn lets a second pass, and answers the look that the view asks for.
func goOn(view tea.Model, account *installed) (watching, tea.Cmd) {
	account.pass(time.Second)
	view, command := view.Update(second{})
	if w := view.(watching); w.looking {
		told, err := w.follow.measured(w.ctx)
		view, command = w.Update(seen{told, err})
	}
	return view.(watching), command
}

// The view looks every five seconds, counts down in between, and ends with the release.
func TestWatchingLive(t *testing.T) {
	w, account := watched(t, "bad.yaml")
	if got := w.Text(); got != "looking ...\n" {
		t.Error(got)
	}
	looks, seconds := map[time.Time]bool{}, 0
	for ; (seconds == 0 || !w.told.Over()) && seconds < 3600; seconds++ {
		w, _ = goOn(w, account)
		looks[w.looked] = true
	}
	if want := seconds / 5; len(looks) < want-1 || len(looks) > want+2 {
		t.Errorf("%d looks in %d seconds", len(looks), seconds)
	}
	if got := w.Text(); !strings.Contains(got, "\u2716 Rolled back") || !strings.Contains(got, "queue ") || strings.Contains(got, "q leaves") {
		t.Error(got)
	}
	if code := exitCode(w.end()); code != exitRolledBack {
		t.Errorf("exit %d", code)
	}
}

// Who leaves is let go, and the release goes on.
func TestLeavingTheView(t *testing.T) {
	w, account := watched(t, "bad.yaml")
	w, _ = goOn(w, account)
	if !strings.Contains(w.Text(), "q leaves") {
		t.Error(w.Text())
	}
	early, _ := watched(t, "good.yaml")
	if err := early.end(); !errors.Is(err, errLeft) {
		t.Errorf("ended by a signal: %v", err)
	}
	if early.Pass(tea.KeyPressMsg{Code: 'q', Text: "q"}); early.end() != nil {
		t.Errorf("left before the first look: %v", early.end())
	}
	left, command := w.Update(tea.KeyPressMsg{Code: 'q', Text: "q"})
	if command == nil || left.(watching).end() != nil {
		t.Errorf("q: %v", left.(watching).end())
	}
	stopped, command := w.Update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	if err := stopped.(watching).end(); command == nil || !errors.Is(err, errLeft) || exitCode(err) != exitStopped {
		t.Errorf("Ctrl-C: %v", err)
	}
}

// AWS that does not answer at all is told of, with how old it is what is on the screen.
func TestAWSThatTakesItsTime(t *testing.T) {
	w, account := watched(t, "bad.yaml")
	if w.looking, w.looked = true, account.now(); w.stale() != "" {
		t.Error(w.stale())
	}
	if account.pass(slow); w.Text() != "looking ...\n  AWS takes its time\n" {
		t.Error(w.Text())
	}
	w.looking = false
	w, _ = goOn(w, account)
	w.looking, w.looked = true, account.now()
	if account.pass(40 * time.Second); !strings.HasSuffix(w.Text(), "  seen 40 s ago; AWS takes its time\n") {
		t.Error(w.Text())
	}
}

// Credentials that are over do not come back by themselves: whoever watches is told at once what mends that.
func TestCredentialsThatExpire(t *testing.T) {
	w, account := watched(t, "bad.yaml")
	w, _ = goOn(w, account)
	over := awserr.Wrap("load release r-1", awsAnswer("ExpiredTokenException", "The security token included in the request is expired"))
	gone := awserr.Wrap("load release r-1", &ssocreds.InvalidTokenError{Err: errors.New("the SSO session has expired or is invalid")})
	for _, err := range []error{over, gone} {
		view, command := w.Update(seen{err: err})
		var told strings.Builder
		if show(&told, view.(watching).end()); command == nil || !strings.Contains(told.String(), "expired") || !strings.HasSuffix(told.String(), "a release goes on by itself meanwhile.\n") {
			t.Errorf("told %q", told.String())
		}
	}
}

// What AWS cannot answer for a moment is said below what was seen last; what does not pass ends the view.
func TestTroubleWhileWatching(t *testing.T) {
	w, account := watched(t, "bad.yaml")
	w, _ = goOn(w, account)
	throttle := seen{err: release.Errorf(release.Throttled, "load release", "Rate exceeded")}
	shown, command := w.Update(throttle)
	if got := shown.(watching).Text(); command != nil || !strings.Contains(got, "seen 0 s ago; looking again: Rate exceeded\n") || !strings.Contains(got, "orders-worker") {
		t.Error(got)
	}
	w, _ = goOn(shown, account)
	for account.now(); w.failed > 0; {
		w, _ = goOn(w, account)
	}
	if strings.Contains(w.Text(), "Rate exceeded") {
		t.Error("trouble that is over is still shown")
	}
	denied, command := w.Update(seen{err: release.Errorf(release.Denied, "load release", "no permission")})
	if err := denied.(watching).end(); command == nil || exitCode(err) != exitFailed {
		t.Errorf("no permission: %v", err)
	}
	var view tea.Model = w
	for range patience {
		view, command = view.Update(throttle)
	}
	if err := view.(watching).end(); command == nil || release.CodeOf(err) != release.Throttled {
		t.Errorf("patience has no end: %v", err)
	}
}
