package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/asl"
)

// integrate runs a task that the state machine does itself, without a function: the last way to say that a release is
// dirty must not need the code that failed.
func (a *Account) integrate(task asl.Invoke, resume func(asl.Result)) {
	a.requests++
	var result asl.Result
	a.door.Invoke("state machine", fmt.Sprintf("state-machine-%d", a.requests), task.Timeout, func(ctx context.Context) {
		result = a.integration(ctx, task)
	}, func(bool) { resume(result) })
}

func (a *Account) integration(ctx context.Context, task asl.Invoke) asl.Result {
	var err error
	switch service := task.Resource[strings.Index(task.Resource, ":states:::")+len(":states:::"):]; service {
	case "dynamodb:putItem":
		err = a.putItem(ctx, task.Input)
	case "sns:publish":
		err = a.publish(ctx, task.Input)
	case "aws-sdk:cloudwatch:putMetricData":
		err = a.putMetricData(ctx, task.Input)
	default:
		panic("rehearsal: the definition calls " + task.Resource + ", which is not simulated")
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return asl.Result{Error: api.ErrorCode(), Cause: api.ErrorMessage()}
	}
	if err != nil {
		return asl.Result{Error: "States.TaskFailed", Cause: err.Error()}
	}
	return asl.Result{Output: json.RawMessage("{}")}
}

func (a *Account) putItem(ctx context.Context, input json.RawMessage) error {
	var in struct {
		TableName string
		Item      map[string]struct{ S *string }
	}
	if err := json.Unmarshal(input, &in); err != nil {
		return err
	}
	item := map[string]ddbtypes.AttributeValue{}
	for name, value := range in.Item {
		item[name] = &ddbtypes.AttributeValueMemberS{Value: aws.ToString(value.S)}
	}
	_, err := a.Table.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(tableName), Item: item})
	return err
}

func (a *Account) publish(ctx context.Context, input json.RawMessage) error {
	var in struct{ Subject, Message string }
	if err := json.Unmarshal(input, &in); err != nil {
		return err
	}
	_, err := a.SNS.Publish(ctx, &sns.PublishInput{TopicArn: aws.String(topicARN), Subject: &in.Subject, Message: &in.Message})
	return err
}

func (a *Account) putMetricData(ctx context.Context, input json.RawMessage) error {
	var in struct {
		Namespace  string
		MetricData []struct {
			MetricName string
			Value      float64
			Dimensions []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal(input, &in); err != nil {
		return err
	}
	var data []cwtypes.MetricDatum
	for _, d := range in.MetricData {
		datum := cwtypes.MetricDatum{MetricName: aws.String(d.MetricName), Value: aws.Float64(d.Value)}
		for _, dim := range d.Dimensions {
			datum.Dimensions = append(datum.Dimensions, cwtypes.Dimension{Name: aws.String(dim.Name), Value: aws.String(dim.Value)})
		}
		data = append(data, datum)
	}
	_, err := a.CloudWatch.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: &in.Namespace, MetricData: data})
	return err
}
