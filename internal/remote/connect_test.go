package remote_test

import (
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

// An endpoint that is none is said before anything is asked.
func TestWhatIsNoEndpoint(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
	for endpoint, good := range map[string]bool{
		"http://localhost:4566": true, "https://vpce-1.ssm.eu-central-1.vpce.amazonaws.com": true, "": true,
		"nonsense": false, "localhost:4566": false, "ftp://host": false, "http://": false, "http://a b": false, ":": false,
	} {
		_, err := remote.Connect(t.Context(), remote.Where{Region: "eu-central-1", Endpoint: endpoint}, time.Now)
		if (err == nil) != good || err != nil && (release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), "must be an address like")) {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}
