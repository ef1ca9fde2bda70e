//go:build browser

package browser

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screens is where the screenshots go.
const screens = "../../build/screens"

// browser starts Chromium for a test. Every name resolves to nothing: a request that leaves the page goes nowhere.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := cmp.Or(os.Getenv("SERIN_CHROMIUM"), "/usr/bin/chromium")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no Chromium at %s; install Debian's chromium, or say where it is in SERIN_CHROMIUM", path)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
	)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return tab
}

// troubles collects what goes wrong in a tab: errors of the script, violations of the page's policy, requests that
// leave the page.
type troubles struct {
	mu   sync.Mutex
	said []string
}

func (r *troubles) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// take returns what was collected, and forgets it.
func (r *troubles) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	said := r.said
	r.said = nil
	return said
}

func watch(tab context.Context, t *testing.T) *troubles {
	t.Helper()
	r := &troubles{}
	err := chromedp.Listen(tab, func(event any) {
		switch event := event.(type) {
		case *runtime.EventExceptionThrown:
			r.add("exception: %s", event.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			r.add("console: %s", event.Type)
		case *log.EventEntryAdded:
			r.add("log: %s: %s", event.Entry.Level, event.Entry.Text)
		case *network.EventRequestWillBeSent:
			if url := event.Request.URL; !strings.HasPrefix(url, "file:") && !strings.HasPrefix(url, "data:") {
				r.add("request: %s", url)
			}
		case *page.EventJavascriptDialogOpening:
			r.add("dialog: %s", event.Message)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	tell(tab, t, network.Enable, network.EnableParams{})
	tell(tab, t, log.Enable, cdp.Empty{})
	return r
}

// screen is a device on which a page is looked at.
type screen struct {
	width  int64
	scheme string
}

func (s screen) String() string { return fmt.Sprintf("%d-%s", s.width, s.scheme) }

// open loads a page on a screen and leaves a screenshot behind.
func open(tab context.Context, t *testing.T, file string, s screen) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	tell(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme}},
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(s.width, 900), chromedp.Navigate("file://"+file)); err != nil {
		t.Fatalf("open %s at %s: %v", filepath.Base(file), s, err)
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("screenshot of %s at %s: %v", filepath.Base(file), s, err)
	}
	name := strings.TrimSuffix(filepath.Base(file), ".html") + "-" + s.String() + ".png"
	if err := os.WriteFile(filepath.Join(screens, name), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask evaluates an expression in the page.
func ask[T any](tab context.Context, t *testing.T, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return answer
}

// tell sends a command of the browser's own protocol.
func tell[P, R any](tab context.Context, t *testing.T, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(tab, command, params); err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
}
