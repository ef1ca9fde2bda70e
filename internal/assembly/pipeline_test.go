package assembly

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	cptypes "github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// secrets stand in events/codepipeline-job.json as the job's credentials.
var secrets = []string{"EXAMPLE-ACCESS-KEY-ID", "EXAMPLE-SECRET-ACCESS-KEY", "EXAMPLE-SESSION-TOKEN"}

// aPipeline is Step Functions and CodePipeline, which keep all that they are told.
type aPipeline struct {
	told   []any
	panics bool
	over   error // of every answer
}

func (p *aPipeline) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	if p.panics {
		panic("out of luck")
	}
	return nil, &sfntypes.ExecutionDoesNotExist{}
}

func (p *aPipeline) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	p.told = append(p.told, in)
	return &sfn.StartExecutionOutput{}, nil
}

func (p *aPipeline) StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error) {
	panic("nobody stops anything here")
}

func (p *aPipeline) PutJobSuccessResult(_ context.Context, in *codepipeline.PutJobSuccessResultInput, _ ...func(*codepipeline.Options)) (*codepipeline.PutJobSuccessResultOutput, error) {
	p.told = append(p.told, in)
	return &codepipeline.PutJobSuccessResultOutput{}, p.over
}

func (p *aPipeline) PutJobFailureResult(_ context.Context, in *codepipeline.PutJobFailureResultInput, _ ...func(*codepipeline.Options)) (*codepipeline.PutJobFailureResultOutput, error) {
	p.told = append(p.told, in)
	return &codepipeline.PutJobFailureResultOutput{}, p.over
}

// pipelined gives an event to the function pipeline and returns everything that came out of it.
func pipelined(t *testing.T, p *aPipeline, event []byte) (all string, err error) {
	t.Helper()
	var logs bytes.Buffer
	l := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	serin := New(Core{DynamoDB: dynamodb.New(l, "ledger", dynamodb.Settings{}).Outside(), StepFunctions: p}, nil,
		Settings{Table: "ledger", Machine: "arn:aws:states:eu-central-1:123456789012:stateMachine:serin"},
		conductor.Runtime{Now: l.Now, Request: func(context.Context) string { return "request" }}, slog.New(slog.NewJSONHandler(&logs, nil)), &logs)
	_, err = serin.Pipeline(p)(context.Background(), json.RawMessage(event))
	told, failed := json.Marshal(p.told)
	if failed != nil {
		t.Fatal(failed)
	}
	return fmt.Sprint(logs.String(), string(told), err), err
}

// Whatever is wrong with a job, its credentials are in no log, no error, no answer and no execution's input.
func TestTheCredentialsOfAJobGoNowhere(t *testing.T) {
	sample, err := os.ReadFile("../../events/codepipeline-job.json")
	if err != nil {
		t.Fatal(err)
	}
	event := string(sample)
	for name, c := range map[string]struct {
		event  string
		panics bool
		says   string
	}{
		"a good job":               {event, false, "codepipeline orders 5d0cde4b"},
		"a panic":                  {event, true, "panicked"},
		"cut off":                  {event[:len(event)-40], false, "no CodePipeline job"},
		"no parameters":            {strings.Replace(event, `"UserParameters"`, `"Other"`, 1), false, "UserParameters are empty"},
		"wrong parameters":         {strings.Replace(event, `\"target\"`, `\"tarket\"`, 1), false, "/tarket is no field"},
		"another's token":          {strings.Replace(event, `"continuationToken": ""`, `"continuationToken": "a b"`, 1), false, "none of serin's"},
		"no id":                    {strings.Replace(event, `"id": "1111`, `"no": "1111`, 1), false, "it has no id"},
		"a credential as the id":   {strings.Replace(event, "11111111-abcd-1111-abcd-111111abcdef", strings.Join(secrets, " "), 1), false, "it has no id"},
		"credentials out of place": {strings.Replace(event, `"accessKeyId": `, `"accessKeyId": {}, "more": `, 1), false, "codepipeline orders"},
		"a field twice":            {strings.Replace(event, `"sessionToken"`, `"accessKeyId"`, 1), false, "no CodePipeline job"},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := pipelined(t, &aPipeline{panics: c.panics}, []byte(c.event))
			if !strings.Contains(all, c.says) {
				t.Errorf("does not say %q: %s", c.says, all)
			}
			for _, secret := range secrets {
				if strings.Contains(all, secret) {
					t.Errorf("%s is in %s", secret, all)
				}
			}
		})
	}
}

func TestAJobThatWasAnsweredIsDone(t *testing.T) {
	sample, err := os.ReadFile("../../events/codepipeline-job.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipelined(t, &aPipeline{over: &cptypes.InvalidJobStateException{Message: aws.String("it has ended")}}, sample); err != nil {
		t.Error(err)
	}
	if _, err := pipelined(t, &aPipeline{over: &cptypes.JobNotFoundException{}}, sample); err == nil {
		t.Error("an answer that nobody took was hidden")
	}
}
