package events_test

import (
	"os"
	"strings"
	"testing"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/release"
)

func TestDecodeSamples(t *testing.T) {
	const digest = "sha256:41d0c0ffee41d0c0ffee41d0c0ffee41d0c0ffee41d0c0ffee41d0c0ffee41d0"
	for file, want := range map[string]release.Request{
		"manual.json": {
			Intent: release.IntentRelease, Target: "orders-worker", StartedBy: "hand", Reason: "release 42",
			Revision: release.Revision{Image: "orders-worker:release-42"},
		},
		"image-push.json": {
			Intent: release.IntentRelease, Target: "orders-worker", StartedBy: "ecr push", Automatic: true,
			Revision: release.Revision{Image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders-worker@" + digest},
		},
		"code-put.json": {
			Intent: release.IntentRelease, Target: "orders-api", StartedBy: "s3 put", Automatic: true,
			Revision: release.Revision{Code: "s3://orders-code/orders-api/release-42.zip?versionId=IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"},
		},
		"runbook.json": {
			Intent: release.IntentRelease, Target: "orders-worker", Reason: "release 42", Revision: release.Revision{Image: "orders-worker:release-42"},
			StartedBy: "arn:aws:sts::123456789012:assumed-role/Developer/anna", Runbook: "01234567-89ab-cdef-0123-456789abcdef",
		},
		"emergency.json": { // by hand: nobody can check who that is
			Intent: release.IntentRelease, Target: "orders-worker", StartedBy: "hand (says ana, shift 7)", Reason: "fixes the failing payments", Emergency: true,
			Revision: release.Revision{Image: "orders-worker:release-43"},
		},
		"codepipeline-action.json": { // the input of the Step Functions action: a start by hand that says which pipeline
			Intent: release.IntentRelease, Target: "orders-worker", StartedBy: "codepipeline orders 5d0cde4b-7c1e-4a7e-a9c1-0d1f8c3f2b11",
			Revision: release.Revision{Image: "orders-worker:release-42"},
		},
		"recover.json": {
			Intent: release.IntentRecover, Target: "orders-worker", StartedBy: "recover", Release: "r-0123456789ab",
		},
		"cleanup.json": {
			Intent: release.IntentCleanup, Target: "orders-worker", StartedBy: "cleanup", Release: "r-0123456789ab",
			Reason: "what was kept for the rollback window is removed",
		},
	} {
		t.Run(file, func(t *testing.T) {
			got, err := events.Decode(sample(t, file))
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	push, put, runbook := string(sample(t, "image-push.json")), string(sample(t, "code-put.json")), string(sample(t, "runbook.json"))
	for name, c := range map[string]struct{ input, says string }{
		"nothing":             {"", "no JSON"},
		"a list":              {"[]", "wrong type"},
		"no target":           {`{"revision":{"image":"a:1"}}`, "must be the name of a target"},
		"a target's path":     {`{"target":"../x","revision":{"image":"a:1"}}`, "must be the name of a target"},
		"no revision":         {`{"target":"a"}`, "must name exactly one"},
		"two revisions":       {`{"target":"a","revision":{"image":"a:1","version":"7"}}`, "must name exactly one"},
		"a digest of its own": {`{"target":"a","revision":{"image":"a:1","digest":"sha256:00"}}`, "found out by serin"},
		"an unknown field":    {`{"target":"a","revison":{"image":"a:1"}}`, "/revison is no field"},
		"another case":        {`{"Target":"a","revision":{"image":"a:1"}}`, "/Target is no field"},
		"a field twice":       {`{"target":"a","target":"b","revision":{"image":"a:1"}}`, "twice"},
		"a wrong type":        {`{"target":"a","revision":{"image":7}}`, "wrong type"},
		"an unknown intent":   {`{"target":"a","intent":"destroy"}`, "must be release, recover, rollback or cleanup"},
		"release by name":     {`{"target":"a","revision":{"image":"a:1"},"release":"r-0123456789ab"}`, "only intent recover"},
		"recover without id":  {`{"target":"a","intent":"recover"}`, "must be the id"},
		"recover with image":  {`{"target":"a","intent":"recover","release":"r-0123456789ab","revision":{"image":"a:1"}}`, "no place in it"},
		"retry, and not why":  {`{"target":"a","revision":{"image":"a:1"},"retry":true,"reason":" "}`, "retry is set without a reason"},
		"emergency, likewise": {`{"target":"a","revision":{"image":"a:1"},"emergency":true}`, "emergency is set without a reason"},
		"an event's retry":    {strings.Replace(push, `"event"`, `"retry":true,"reason":"so","event"`, 1), "a person's"},
		"an event's author":   {strings.Replace(push, `"event"`, `"startedBy":"me","event"`, 1), "a person's"},
		"a long author":       {`{"target":"a","revision":{"image":"a:1"},"startedBy":"` + strings.Repeat("x", 641) + `"}`, "at most 640"},
		"a long reason":       {`{"target":"a","revision":{"image":"a:1"},"reason":"` + strings.Repeat("ä", 501) + `"}`, "at most 500"},
		"a runbook that none": {strings.Replace(runbook, "01234567", "x", 1), "only the runbook serin-start"},
		"a runbook's nobody":  {strings.Replace(runbook, "arn:aws:sts", "sts", 1), "only the runbook serin-start"},
		"an event's runbook":  {strings.Replace(push, `"event"`, `"runbook":"01234567-89ab-cdef-0123-456789abcdef","startedBy":"arn:a","event"`, 1), "a person's"},
		"recover's runbook":   {`{"target":"a","intent":"recover","release":"r-0123456789ab","runbook":"01234567-89ab-cdef-0123-456789abcdef"}`, "no place in it"},
		"event and revision":  {strings.Replace(push, `"event"`, `"revision":{"image":"a:1"},"event"`, 1), "both"},
		"a failed push":       {strings.Replace(push, "SUCCESS", "FAILURE", 1), "only a PUSH with SUCCESS"},
		"a deletion":          {strings.Replace(push, "PUSH", "DELETE", 1), "only a PUSH with SUCCESS"},
		"a child manifest":    {strings.Replace(push, `"image-tag"`, `"other"`, 1), "no image-tag"},
		"another source":      {strings.Replace(push, "aws.ecr", "aws.s3", 1), "must be an"},
		"a broken digest":     {strings.Replace(push, "sha256:41", "sha256:zz", 1), "64 hex digits"},
		"code elsewhere":      {`{"target":"a","revision":{"code":"https://bucket/key"}}`, "must be s3://bucket/key"},
		"a strange bucket":    {strings.Replace(put, `"orders-code"}`, `"Orders"}`, 1), "no bucket can have"},
		"a strange key":       {strings.Replace(put, "release-42.zip", "release 42.zip", 1), "must be one of letters"},
		"no version":          {strings.Replace(put, `"version-id"`, `"other"`, 1), "turn versioning on"},
		"a version of none":   {strings.Replace(put, "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e", "null", 1), "turn versioning on"},
		"an object removed":   {strings.Replace(put, "Object Created", "Object Deleted", 1), "must be an"},
		"a strange registry":  {strings.Replace(push, "eu-central-1", "evil.example/x", 1), "cannot be told"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := events.Decode([]byte(c.input))
			if release.CodeOf(err) != release.Invalid || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an Invalid error that says %q", err, c.says)
			}
		})
	}
}

// FuzzDecode holds that nothing panics, and that what is accepted names exactly one target and one thing to do.
func FuzzDecode(f *testing.F) {
	for _, file := range []string{"manual.json", "image-push.json", "code-put.json", "recover.json", "cleanup.json", "emergency.json", "runbook.json"} {
		f.Add(sample(f, file))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		r, err := events.Decode(input)
		if err != nil {
			if release.CodeOf(err) != release.Invalid {
				t.Errorf("code %s", release.CodeOf(err))
			}
			return
		}
		takesOver := r.Intent != release.IntentRelease
		if r.Target == "" || takesOver == (r.Release == "") || takesOver != r.Revision.IsZero() {
			t.Errorf("accepted %q as %+v", input, r)
		}
		byPerson := strings.HasPrefix(r.StartedBy, "arn:") // what Systems Manager can be asked about
		if byPerson != (r.Runbook != "") || !takesOver && r.ByHand() != strings.HasPrefix(r.StartedBy, release.Hand) {
			t.Errorf("%q may say who started it: %+v", input, r)
		}
	})
}

func sample(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
