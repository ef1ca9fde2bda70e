package lambdaalias_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/serin-aws/serin/internal/platform/lambdaalias"
	"github.com/serin-aws/serin/internal/release"
)

// wire is AWS as the SDK's clients see it, and keeps what they send.
type wire struct {
	sent   []string // method and path of each change
	bodies []map[string]any
	alias  string // what GetAlias answers
}

func (w *wire) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	body, _ := io.ReadAll(in.Body) // a body that breaks off is no JSON
	var fields map[string]any
	if len(body) > 0 && json.Unmarshal(body, &fields) == nil {
		w.sent, w.bodies = append(w.sent, in.Method+" "+in.URL.Path), append(w.bodies, fields)
	}
	answer := `{"FunctionName":"orders","Version":"7","State":"Active","CodeSha256":"old","RevisionId":"read","PackageType":"Zip","LastUpdateStatus":"Successful","Architectures":["arm64"]}`
	switch {
	case strings.HasSuffix(in.URL.Path, "/aliases/live"):
		answer = w.alias
	case strings.HasSuffix(in.URL.Path, "/provisioned-concurrency"):
		out.Header().Set("X-Amzn-Errortype", "ProvisionedConcurrencyConfigNotFoundException")
		out.WriteHeader(http.StatusNotFound)
	case strings.HasSuffix(in.URL.Path, ".zip"):
		out.Header().Set("X-Amz-Version-Id", "v2")
		answer = newZip
	case strings.HasSuffix(in.URL.Path, "/code"):
		answer = `{"CodeSha256":"new","RevisionId":"given","LastModified":"2026-01-05T09:00:00.000+0000"}`
	case strings.HasSuffix(in.URL.Path, "/functions/orders"):
		answer = `{"Code":{"SourceKMSKeyArn":"` + codeKey + `"}}`
	}
	_, _ = io.WriteString(out, answer)
}

const codeKey = "arn:aws:kms:eu-central-1:123456789012:key/of-the-code"

const onSeven = `{"AliasArn":"` + functionARN + `:live","FunctionVersion":"7","RevisionId":"read"}`

// onTheWire is a release of a version, or of a zip file, over the SDK's own clients, and its alias is on version 7.
func onTheWire(t *testing.T, revision release.Revision) (*wire, *release.Release, *lambdaalias.Platform) {
	t.Helper()
	w := &wire{alias: onSeven}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	keys := credentials.NewStaticCredentialsProvider("a", "b", "")
	p := lambdaalias.New(lambdaalias.Clients{
		Lambda: lambda.New(lambda.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: keys}),
		S3:     s3.New(s3.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: keys, UsePathStyle: true}),
	}, func() time.Time { return noon })
	to := target()
	to.Source = sources()[1].target
	prepared, err := p.Prepare(t.Context(), to, revision)
	if err != nil || len(w.sent) > 0 {
		t.Fatalf("%v, sent %v", err, w.sent)
	}
	return w, &release.Release{
		Snapshot: release.Snapshot{
			ID: "r-0123456789ab", Target: to, Revision: prepared.Revision, Baseline: prepared.Baseline,
			Steps: []release.Step{{Weight: 10, Bake: release.Duration(time.Minute)}},
		},
		State: release.State{Phase: release.Shifting, Since: noon},
	}, p
}

// What the SDK really puts on the wire: a weight as it is meant, and on both ways out an empty map, which removes it.
func TestWeightsOnTheWire(t *testing.T) {
	weighted := strings.Replace(onSeven, "}", `,"RoutingConfig":{"AdditionalVersionWeights":{"8":0.1}}}`, 1)
	for name, c := range map[string]struct {
		alias   string
		change  func(*lambdaalias.Platform, *release.Release) (release.Progress, error)
		version string
		weights map[string]any
	}{
		"shift": {onSeven, func(p *lambdaalias.Platform, r *release.Release) (release.Progress, error) {
			return p.Shift(t.Context(), r, 10)
		}, "7", map[string]any{"8": .1}},
		"promote": {weighted, func(p *lambdaalias.Platform, r *release.Release) (release.Progress, error) {
			return p.Promote(t.Context(), r)
		}, "8", map[string]any{}},
		"roll back": {weighted, func(p *lambdaalias.Platform, r *release.Release) (release.Progress, error) {
			return p.Rollback(t.Context(), r)
		}, "7", map[string]any{}},
	} {
		w, r, p := onTheWire(t, release.Revision{Version: "8"})
		w.alias = c.alias
		if progress, err := c.change(p, r); err != nil || !progress.Changed {
			t.Fatalf("%s: %+v %v", name, progress, err)
		}
		want := map[string]any{"FunctionVersion": c.version, "RevisionId": "read", "RoutingConfig": map[string]any{"AdditionalVersionWeights": c.weights}}
		if len(w.sent) != 1 || w.sent[0] != "PUT /2015-03-31/functions/orders/aliases/live" || !reflect.DeepEqual(w.bodies[0], want) {
			t.Errorf("%s: sent %v %v", name, w.sent, w.bodies)
		}
	}
}

// A zip file is given by its version, with the function's revision, its architecture and the key of its code; then what was given is
// published, and nothing else.
func TestAZipFileOnTheWire(t *testing.T) {
	w, r, p := onTheWire(t, release.Revision{Code: "s3://orders-code/orders/release-42.zip"})
	given, err := p.Shift(t.Context(), r, 10)
	if err != nil || len(given.Made) != 2 {
		t.Fatalf("%+v %v", given, err)
	}
	want := map[string]any{
		"S3Bucket": "orders-code", "S3Key": "orders/release-42.zip", "S3ObjectVersion": "v2", "RevisionId": "read", "Architectures": []any{"arm64"}, "SourceKMSKeyArn": codeKey,
	}
	if w.sent[0] != "PUT /2015-03-31/functions/orders/code" || !reflect.DeepEqual(w.bodies[0], want) {
		t.Errorf("sent %v %v", w.sent, w.bodies)
	}
	r.Record(release.Made{Kind: given.Made[0].Kind, ID: "old"}) // which is what the function is read with here
	if _, err := p.Shift(t.Context(), r, 10); err != nil {
		t.Fatal(err)
	}
	want = map[string]any{"CodeSha256": "old", "RevisionId": "read"}
	if len(w.sent) != 2 || w.sent[1] != "POST /2015-03-31/functions/orders/versions" || !reflect.DeepEqual(w.bodies[1], want) {
		t.Errorf("sent %v %v", w.sent, w.bodies)
	}
	if given.Made[0].ID != "new" {
		t.Errorf("made %+v", given.Made)
	}
}
