package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

func stories() map[string]story.Story {
	return map[string]story.Story{
		"good": storytest.Good().Story(), "bad": storytest.Bad().Story(), "held": storytest.Held().Story(), "open": storytest.Open().Story(),
		"crashed": storytest.Crashed().Story(), "dirty": storytest.Dirty().Story(), "abandoned": storytest.Abandoned().Story(), "hostile": storytest.Hostile().Story(), "refused": storytest.Refused(),
	}
}

func written(t testing.TB, s story.Story) string {
	t.Helper()
	var html bytes.Buffer
	if err := Write(&html, s); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"bad", "refused"} {
		t.Run(name, func(t *testing.T) {
			golden.File(t, filepath.Join("testdata", name+".html"), written(t, stories()[name]))
		})
	}
}

func TestTheSameStoryGivesTheSameBytes(t *testing.T) {
	first, second := stories(), stories()
	for name := range first {
		if written(t, first[name]) != written(t, second[name]) {
			t.Errorf("%s: two reports of one story differ", name)
		}
	}
}

// The policy names the style and the script as they stand in the page; a page whose script is not its own runs none.
func TestPolicyFitsThePage(t *testing.T) {
	html := written(t, storytest.Bad().Story())
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(html)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src &#39;none&#39;;") {
		t.Fatalf("no strict policy: %q", policy)
	}
	for _, tag := range []string{"style", "script"} {
		found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(html, -1)
		if len(found) != 1 {
			t.Fatalf("%d %s elements", len(found), tag)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		want := tag + "-src &#39;sha256-" + strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;") + "&#39;"
		if !strings.Contains(policy[1], want) {
			t.Errorf("the policy %q does not hold %s", policy[1], want)
		}
	}
}

// What a name must not be able to do, whatever it holds.
func TestNothingForeignRuns(t *testing.T) {
	tag := regexp.MustCompile(`<[a-zA-Z][^>]*>`)
	inline := regexp.MustCompile(`\s(on[a-z]+|style|srcdoc|action|formaction|xlink:href)=`)
	for name, s := range stories() {
		html := written(t, s)
		for element, most := range map[string]int{"<script": 1, "<style": 1, "<img": 0, "<iframe": 0, "<object": 0, "<a ": 0, "<form": 0, "<base": 0} {
			if n := strings.Count(html, element); n > most {
				t.Errorf("%s: %d of %s", name, n, element)
			}
		}
		body := html[strings.Index(html, "<body>"):]
		for _, opened := range tag.FindAllString(body, -1) {
			if inline.MatchString(opened) {
				t.Errorf("%s: %s", name, opened)
			}
			if strings.Contains(opened, "http:") || strings.Contains(opened, "https:") {
				t.Errorf("%s: a request may leave the page: %s", name, opened)
			}
		}
	}
}

func TestNothingHiddenInTheText(t *testing.T) {
	html := written(t, storytest.Hostile().Story())
	for _, r := range html {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Fatalf("the page holds %U", r)
		}
	}
}

// Values of environments and secrets never enter the ledger; should a platform's detail hold one, the page has not.
func TestBaselineDetailStaysOut(t *testing.T) {
	account := storytest.Bad()
	account.Ledger.Release.Baseline.Detail = json.RawMessage(`{"environment":[{"name":"TOKEN","value":"planted-secret"}]}`)
	if strings.Contains(written(t, account.Story()), "planted-secret") {
		t.Error("the report holds the platform's detail of the baseline")
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	account := storytest.Bad()
	account.Metrics.Drop("Orders", "Processed", "Service", "orders-worker-canary")
	if html := written(t, account.Story()); !strings.Contains(html, "Orders/Processed{Service=orders-worker-canary}") {
		t.Error("the page does not say which metric is missing")
	}
}

func TestThePageTellsWhatHappened(t *testing.T) {
	bad := storytest.Bad().Story()
	bad.File = "name: orders-worker\nplatform: ecs-queue\n"
	html := written(t, bad)
	for _, part := range []string{
		bad.Sentence, "codepipeline orders #381", `id="share"`, `id="failures-failures"`, `id="evidence-failures"`, `id="queue-0"`, `id="queue-1"`,
		`id="calls"`, "orders-dlq-not-empty", "The path through the state machine", "WaitForRollback", "The ledger&#39;s story", "Costs", "dynamodb:TransactWriteItems",
		"platform: ecs-queue", "seed 7",
	} {
		if !strings.Contains(html, part) && !strings.Contains(html, strings.ReplaceAll(part, "&#39;", "'")) {
			t.Errorf("the page does not hold %q", part)
		}
	}
}

// On AWS nobody knows the path and the calls: the page is shorter, not broken.
func TestWithoutARehearsal(t *testing.T) {
	s := storytest.Good().Story()
	s.Rehearsed = nil
	html := written(t, s)
	for _, part := range []string{`class="machine"`, `id="calls"`, "Costs", "seed"} {
		if strings.Contains(html, part) {
			t.Errorf("the page of a real release holds %q", part)
		}
	}
}

func TestLatencyIsDrawnWhereItIsKnown(t *testing.T) {
	s := storytest.Good().Story()
	s.Latency = []story.Latency{{Name: "checkout", Unit: release.InMilliseconds, Limit: 250, Old: []story.Point{{At: s.From, Value: 240}}, New: []story.Point{{At: s.From, Value: 600}}}}
	html := written(t, s)
	for _, part := range []string{"Latency by version: checkout", "p90 before the release: 250 ms", "new: at most 600 ms", "baseline: at most 240 ms", "baseline 240 ms, new 600 ms"} {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	s.Latency = []story.Latency{{Name: "latency"}}
	if html := written(t, s); !strings.Contains(html, "Latency by version") || !strings.Contains(html, "no data") {
		t.Error("a latency without data is not drawn as such")
	}
}

// Two weeks with a look a minute, the longest there is, still make a page that a browser opens at once.
func TestALongReleaseMakesASmallPage(t *testing.T) {
	account := storytest.Held()
	r, log := &account.Ledger.Release, account.Ledger.Log
	looks := account.Story().Looks
	const days = 14
	r.Since = r.Opened.Add(days * 24 * time.Hour)
	s := story.Tell(r, log)
	for i := range days * 24 * 60 {
		look := looks[i%len(looks)]
		look.At = r.Opened.Add(time.Duration(i) * time.Minute)
		s.Looks = append(s.Looks, look)
		s.Judged[0].Points = append(s.Judged[0].Points, story.EvidencePoint{At: look.At, EValue: float64(i % 90), Check: look.Judgement.Checks[0]})
	}
	if size := len(written(t, s)); size > 1<<20 {
		t.Errorf("the page has %d bytes", size)
	}
}

func TestEveryPhaseOfARefusalIsHarmless(t *testing.T) {
	for _, outcome := range []release.Outcome{release.OutcomeRefused, release.OutcomeNothing, release.OutcomeOpen, release.OutcomeDirty} {
		s := story.NotStarted(storytest.Target(), release.Request{}, outcome, "", time.Time{})
		if html := written(t, s); !strings.Contains(html, story.Headline(outcome)) {
			t.Errorf("%s: no headline", outcome)
		}
	}
}
