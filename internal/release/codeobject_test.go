package release_test

import (
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

func TestParseCodeObject(t *testing.T) {
	for _, text := range []string{"s3://orders-code/orders-api/release-42.zip?versionId=3HL4kqtJvjVBH40Nrjfkd", "s3://a.b-c/k", "s3://orders-code//k"} {
		name, err := release.ParseCodeObject(text)
		if err != nil || name.String() != text {
			t.Errorf("%s: %+v %v", text, name, err)
		}
	}
	for _, text := range []string{
		"", "orders-code/k", "s3://", "s3://orders-code", "s3://orders-code/", "s3:///k", "s3://Orders/k", "s3://orders-code/k?versionId=", "s3://orders-code/k?versionId=a b",
		"s3://orders-code/k?v=1", "s3://orders-code/k'; rm", "s3://orders-code/k\n", "https://orders-code/k", "s3://orders-code/k?versionId=a?versionId=b",
	} {
		if name, err := release.ParseCodeObject(text); err == nil {
			t.Errorf("%q is taken as %+v", text, name)
		}
	}
}

func FuzzParseCodeObject(f *testing.F) {
	for _, seed := range []string{"s3://orders-code/a/b.zip?versionId=x1", "s3://a-b/k", "s3://", "?versionId="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := release.ParseCodeObject(text)
		if err != nil {
			return
		}
		if again, err := release.ParseCodeObject(name.String()); err != nil || again != name || strings.ContainsAny(name.String(), "'\"\\\n `$") {
			t.Fatalf("%q: %+v, %+v %v", text, name, again, err)
		}
	})
}

func TestWithin(t *testing.T) {
	source := release.S3Source{Bucket: "orders-code", Prefix: "orders-api/"}
	for text, want := range map[string]bool{
		"s3://orders-code/orders-api/1.zip": true, "s3://orders-code/orders-apis/1.zip": false, "s3://other-code/orders-api/1.zip": false,
	} {
		if name, err := release.ParseCodeObject(text); err != nil || source.Within(name) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
