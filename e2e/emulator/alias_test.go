//go:build emulator

package emulator

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// api is a target behind an alias: a function, its versions, and callers who invoke the alias.
type api struct {
	*world
	name   string
	source string // of zip files, as the target says it; empty: versions are published by hand

	mu     sync.Mutex
	served map[string]int // answers by version
	failed map[string]int // errors of the function by version
	stop   func()         // of the callers
}

// callers call once a second each. So many that a minute of the canary's answers excludes a failure rate of 1 %.
const callers = 6

// aliasPromoted is started by an action of CodePipeline.
func aliasPromoted(t *testing.T, world *world, jobs *jobs) {
	a := &api{world: world, name: "api-good"}
	a.create(t)
	version := a.publish(t, 0)
	last, continued := jobs.run(t, world, "e2e-"+a.name, `{"target":"api-good","revision":{"version":"`+version+`"},"startedBy":"codepipeline e2e"}`)
	if last.FailureDetails != nil || continued == 0 {
		t.Fatalf("the job ended after %d continuations: %+v", continued, last.FailureDetails)
	}
	a.pointsTo(t, version)
	a.settle(t, version, true)
}

// aliasRolledBack is started by a person's command, which waits.
func aliasRolledBack(t *testing.T, world *world) {
	a := &api{world: world, name: "api-bad"}
	a.create(t)
	version := a.publish(t, 400)
	a.exits(t, 3, "start", a.name, "--version", version, "--reason", "e2e", "--wait")
	a.pointsTo(t, "1")
	a.settle(t, version, false)
}

// zipPromoted releases a zip file that somebody has put over the one that serves.
func zipPromoted(t *testing.T, world *world) {
	const code = "serin-e2e-code"
	world.aws(t, "s3", "mb", "s3://"+code, "--region", world.region)
	world.aws(t, "s3api", "put-bucket-versioning", "--bucket", code, "--versioning-configuration", "Status=Enabled")
	a := &api{world: world, name: "api-zip", source: "source: {s3: {bucket: " + code + ", prefix: api-zip/}}\n"}
	a.create(t)
	a.aws(t, "s3api", "put-object", "--bucket", code, "--key", "api-zip/function.zip", "--body", packed(t, functionProgram, "the new version"))
	a.exits(t, 0, "start", a.name, "--code", "s3://"+code+"/api-zip/function.zip", "--reason", "e2e", "--wait")
	a.pointsTo(t, "2")
	a.settle(t, "2", true)
	a.exits(t, 0, "start", a.name, "--code", "s3://"+code+"/api-zip/function.zip", "--reason", "e2e, what serves already", "--wait")
	a.pointsTo(t, "2")
}

// create makes the function with its first version, the alias, what serin needs of them, and lets the calls begin.
func (a *api) create(t *testing.T) {
	t.Helper()
	code := "code/" + a.name + ".zip"
	a.aws(t, "s3api", "put-object", "--bucket", bucket, "--key", code, "--body", packed(t, functionProgram, ""))
	ref := func(name string) properties { return properties{"Ref": name} }
	a.stack(t, a.name, body(encode(t, properties{"Resources": properties{
		"Role": properties{"Type": "AWS::IAM::Role", "Properties": properties{"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}},
		"Function": properties{"Type": "AWS::Lambda::Function", "Properties": properties{
			"FunctionName": a.name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 30,
			"Code": properties{"S3Bucket": bucket, "S3Key": code}, "Role": properties{"Fn::GetAtt": []string{"Role", "Arn"}},
			"Environment": properties{"Variables": properties{"FAIL": "0"}},
		}},
		"First": properties{"Type": "AWS::Lambda::Version", "Properties": properties{"FunctionName": ref("Function")}},
		"Live": properties{"Type": "AWS::Lambda::Alias", "Properties": properties{
			"FunctionName": ref("Function"), "Name": "live", "FunctionVersion": properties{"Fn::GetAtt": []string{"First", "Version"}},
		}},
		"Alarm": properties{"Type": "AWS::CloudWatch::Alarm", "Properties": properties{
			"AlarmName": a.name + "-throttles", "Namespace": "AWS/Lambda", "MetricName": "Throttles", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
			"Dimensions": []properties{{"Name": "FunctionName", "Value": a.name}}, "Threshold": 1000, "ComparisonOperator": "GreaterThanThreshold",
		}},
	}})))
	file := filepath.Join(folder, a.name+".target.yaml")
	if err := os.WriteFile(file, []byte(a.target()), 0o600); err != nil {
		t.Fatal(err)
	}
	a.stack(t, a.name+"-serin", body(a.serin(t, "iam", "-f", file), parameters("SerinAccount", a.account)...))
	a.serin(t, "apply", "-f", file)
	t.Cleanup(func() { a.evidence(t, a.name) })
	a.call(t)
}

func (a *api) target() string {
	return strings.ReplaceAll(`name: NAME
platform: lambda-alias
lambdaAlias: {function: NAME, alias: live}
plan:
  steps:
    - {weight: 90, bake: 1m}
  maxBake: 45m
  settle: 10s
  deadline: 2h
checks:
  alarms: [NAME-throttles]
  compare:
    - {name: errors, platform: errors} # latency is compared with the day before, and there is none
  minimumSample: 50
  inconclusive: hold
`+a.source, "NAME", a.name)
}

// packed is a program as Lambda takes it; the comment makes another file of it.
func packed(t *testing.T, program, comment string) string {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "function.zip"))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	if err := archive.SetComment(comment); err != nil {
		t.Fatal(err)
	}
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := archive.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// publish publishes a version that fails so many of a thousand invocations.
func (a *api) publish(t *testing.T, fail int) (version string) {
	t.Helper()
	a.aws(t, "lambda", "update-function-configuration", "--function-name", a.name, "--environment", encode(t, properties{"Variables": properties{"FAIL": encode(t, fail)}}))
	a.aws(t, "lambda", "wait", "function-updated-v2", "--function-name", a.name)
	return read[struct{ Version string }](t, a.cli, "lambda", "publish-version", "--function-name", a.name).Version
}

// call invokes the alias from several sides until the test is over.
func (a *api) call(t *testing.T) {
	t.Helper()
	a.served, a.failed = map[string]int{}, map[string]int{}
	client, over := lambda.NewFromConfig(a.config(t)), make(chan struct{})
	var all sync.WaitGroup
	a.stop = sync.OnceFunc(func() { close(over); all.Wait() })
	t.Cleanup(a.stop)
	for range callers {
		all.Go(func() {
			for tick := time.NewTicker(time.Second); !closed(over); <-tick.C {
				out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &a.name, Qualifier: aws.String("live"), Payload: []byte("{}")})
				if err != nil {
					if t.Context().Err() == nil {
						t.Errorf("nobody answered an invocation: %v", err)
					}
					return
				}
				a.mu.Lock()
				if out.FunctionError == nil {
					a.served[aws.ToString(out.ExecutedVersion)]++
				} else {
					a.failed[aws.ToString(out.ExecutedVersion)]++
				}
				a.mu.Unlock()
			}
		})
	}
}

// pointsTo checks that the alias sends everything to one version.
func (a *api) pointsTo(t *testing.T, version string) {
	t.Helper()
	got := read[struct {
		FunctionVersion string
		RoutingConfig   struct{ AdditionalVersionWeights map[string]float64 }
	}](t, a.cli, "lambda", "get-alias", "--function-name", a.name, "--name", "live")
	if got.FunctionVersion != version || len(got.RoutingConfig.AdditionalVersionWeights) > 0 {
		t.Errorf("the alias of %s points to %+v, want version %s alone", a.name, got, version)
	}
}

// settle accounts for the invocations: each was answered, by the new version too, and errors are the bad version's.
func (a *api) settle(t *testing.T, version string, sound bool) {
	t.Helper()
	a.stop()
	if a.served["1"] == 0 || a.served[version] == 0 {
		t.Errorf("%s: both versions must have served, but the answers are %v", a.name, a.served)
	}
	if a.failed["1"] > 0 || (a.failed[version] > 0) == sound {
		t.Errorf("%s: errors by version: %v", a.name, a.failed)
	}
	t.Logf("%s: answers by version %v, errors by version %v", a.name, a.served, a.failed)
}
