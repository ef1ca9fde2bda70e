package ecrimage

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

const registry = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"

func digest(of string) string {
	sum := sha256.Sum256([]byte(of))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func TestParse(t *testing.T) {
	d := digest("x")
	for text, want := range map[string]Reference{
		"orders-worker:release-42":        {Repository: "orders-worker", Tag: "release-42"},
		"team/orders-worker:1":            {Repository: "team/orders-worker", Tag: "1"},
		"orders-worker@" + d:              {Repository: "orders-worker", Digest: release.Digest(d)},
		"orders-worker:1@" + d:            {Repository: "orders-worker", Tag: "1", Digest: release.Digest(d)},
		registry + "/orders-worker:1":     {Registry: registry, Repository: "orders-worker", Tag: "1"},
		"localhost:5000/a/b:1":            {Registry: "localhost:5000", Repository: "a/b", Tag: "1"},
		"localhost/a":                     {Registry: "localhost", Repository: "a"},
		"public.ecr.aws/xray/daemon@" + d: {Registry: "public.ecr.aws", Repository: "xray/daemon", Digest: release.Digest(d)},
		"nginx":                           {Repository: "nginx"},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a:", ":1", "a@", "a@sha256:12", "a@" + d + "x", "a b:1", "a:1:2", "host.x/", "@" + d} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"orders-worker:1", "host:5000/a/b:1@" + digest("x"), "a@sha256:12", "", "::", "a/b@c", "\x00", "a..b/c:d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := Parse(text)
		if err != nil {
			return
		}
		if ref.Repository == "" || ref.Digest != "" && !IsDigest(string(ref.Digest)) {
			t.Fatalf("%q: %+v", text, ref)
		}
		again, err := Parse(ref.At(release.Digest(digest("y"))))
		if err != nil || again.Name() != ref.Name() || again.Digest != release.Digest(digest("y")) {
			t.Fatalf("%q pinned is %q: %+v, %v", text, ref.At(release.Digest(digest("y"))), again, err)
		}
	})
}

func TestRepositoryOf(t *testing.T) {
	home := Home{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	china := Home{Partition: "aws-cn", Region: "cn-north-1", Account: "111122223333"}
	source := func(name string) release.Source { return release.Source{ECR: &release.ECRSource{Repository: name}} }
	baseline := Reference{Registry: "444455556666.dkr.ecr.us-east-1.amazonaws.com", Repository: "orders"}
	for _, c := range []struct {
		name   string
		source release.Source
		home   Home
		want   Repository
	}{
		{"images of a tooling account", source("orders"), home, Repository{Registry: baseline.Registry, Account: "444455556666", Name: "orders"}},
		{"no source: where the baseline is", release.Source{}, home, Repository{Registry: baseline.Registry, Account: "444455556666", Name: "orders"}},
		{"moved to another repository", source("new"), home, Repository{Registry: registry, Account: "111122223333", Name: "new"}},
		{"China", source("new"), china, Repository{Registry: "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", Account: "111122223333", Name: "new"}},
	} {
		if got := RepositoryOf(c.source, baseline, c.home); got != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
