//go:build emulator

package emulator

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// routes stands in for what the emulator's Lambda does not do with an alias: it sends each invocation to one of its two
// versions, by their weights, and counts for CloudWatch what each version did.
// https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
type routes struct {
	functions *lambda.Client
	metrics   *metrics
}

var (
	invocation = regexp.MustCompile(`^/2015-03-31/functions/([a-z-]+)/invocations$`)
	alias      = regexp.MustCompile(`^[a-z]+$`)
)

// route rewrites an invocation of an alias into one of a version. done is told how it went; it is nil for other calls.
func (r *routes) route(q *http.Request) (done func(status int, header http.Header)) {
	path, query := invocation.FindStringSubmatch(q.URL.Path), q.URL.Query()
	name := query.Get("Qualifier")
	if path == nil || !alias.MatchString(name) {
		return nil
	}
	found, err := r.functions.GetAlias(q.Context(), &lambda.GetAliasInput{FunctionName: &path[1], Name: &name})
	if err != nil {
		return nil // the emulator says what is wrong
	}
	version, began := chosen(found), time.Now()
	q.URL.RawQuery = url.Values{"Qualifier": {version}}.Encode()
	return func(status int, header http.Header) {
		if status == http.StatusOK {
			r.count(path[1], name, version, began, header.Get("X-Amz-Function-Error") != "")
		}
	}
}

func chosen(a *lambda.GetAliasOutput) string {
	if a.RoutingConfig != nil {
		for version, weight := range a.RoutingConfig.AdditionalVersionWeights {
			if rand.Float64() < weight {
				return version
			}
		}
	}
	return aws.ToString(a.FunctionVersion)
}

// count counts an invocation as Lambda does: under the alias and the version that answered.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
func (r *routes) count(function, alias, version string, began time.Time, failed bool) {
	dimensions := []cwtypes.Dimension{
		{Name: aws.String("FunctionName"), Value: &function},
		{Name: aws.String("Resource"), Value: aws.String(function + ":" + alias)},
		{Name: aws.String("ExecutedVersion"), Value: &version},
	}
	errors := 0.0
	if failed {
		errors = 1
	}
	for name, value := range map[string]float64{"Invocations": 1, "Errors": errors, "Duration": float64(time.Since(began).Milliseconds())} {
		r.metrics.add("AWS/Lambda", cwtypes.MetricDatum{MetricName: &name, Value: &value, Timestamp: &began, Dimensions: dimensions})
	}
}
