package lambdaalias_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
)

const functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:orders"

// function is a Lambda function with one alias, as the control plane keeps it.
type function struct {
	versions map[string]*lambda.GetFunctionConfigurationOutput
	alias    *lambda.GetAliasOutput
	changes  int // of the alias
	ready    *lambda.GetProvisionedConcurrencyConfigOutput

	fail   error  // the next UpdateAlias answers this
	effect bool   // and is carried out all the same
	before func() // runs before the next UpdateAlias: somebody else is faster
	last   *lambda.UpdateAliasInput
	serves string // the parameter that says which version serves

	latest    *lambda.GetFunctionConfigurationOutput // unpublished
	codes     map[string]string                      // by the image's URI or the object's name, the hash that Lambda has of it
	given     []*lambda.UpdateFunctionCodeInput
	published []*lambda.PublishVersionInput
	key       string // of the customer's, under which the code is kept
}

func newFunction() *function {
	f := &function{versions: map[string]*lambda.GetFunctionConfigurationOutput{}}
	for _, version := range []string{"6", "7", "8", "9"} {
		f.versions[version] = &lambda.GetFunctionConfigurationOutput{
			FunctionName: aws.String("orders"), Version: aws.String(version), CodeSha256: aws.String("sha-" + version),
			Role: aws.String("arn:aws:iam::123456789012:role/orders"), State: types.StateActive,
			Environment: &types.EnvironmentResponse{Variables: map[string]string{"TOKEN": "SECRET-IN-ENVIRONMENT"}},
		}
	}
	f.alias = &lambda.GetAliasOutput{AliasArn: aws.String(functionARN + ":live"), Name: aws.String("live")}
	f.set("7", nil)
	return f
}

// set is what somebody does to the alias.
func (f *function) set(version string, weights map[string]float64) {
	f.changes++
	f.alias.FunctionVersion, f.alias.RevisionId = &version, aws.String("revision-"+strconv.Itoa(f.changes))
	f.alias.RoutingConfig = nil
	if len(weights) > 0 {
		f.alias.RoutingConfig = &types.AliasRoutingConfiguration{AdditionalVersionWeights: maps.Clone(weights)}
	}
}

func (f *function) text() string {
	if f.alias.RoutingConfig == nil {
		return *f.alias.FunctionVersion
	}
	return fmt.Sprint(*f.alias.FunctionVersion, f.alias.RoutingConfig.AdditionalVersionWeights)
}

func refusal(code string) error { return &smithy.GenericAPIError{Code: code, Message: code} }

func (f *function) GetAlias(_ context.Context, in *lambda.GetAliasInput, _ ...func(*lambda.Options)) (*lambda.GetAliasOutput, error) {
	if f.alias == nil || *in.Name != *f.alias.Name {
		return nil, refusal("ResourceNotFoundException")
	}
	out := *f.alias
	return &out, nil
}

func (f *function) UpdateAlias(_ context.Context, in *lambda.UpdateAliasInput, _ ...func(*lambda.Options)) (*lambda.UpdateAliasOutput, error) {
	if f.before != nil {
		f.before()
		f.before = nil
	}
	f.last = in
	err := f.fail
	f.fail = nil
	if err != nil && !f.effect {
		return nil, err
	}
	if f.alias == nil || f.versions[*in.FunctionVersion] == nil {
		return nil, refusal("ResourceNotFoundException")
	}
	if in.RevisionId != nil && *in.RevisionId != *f.alias.RevisionId {
		return nil, refusal("PreconditionFailedException")
	}
	weights := map[string]float64{}
	if f.alias.RoutingConfig != nil {
		weights = f.alias.RoutingConfig.AdditionalVersionWeights
	}
	if in.RoutingConfig != nil && in.RoutingConfig.AdditionalVersionWeights != nil { // a nil map leaves what is there
		weights = in.RoutingConfig.AdditionalVersionWeights
	}
	f.set(*in.FunctionVersion, weights)
	return &lambda.UpdateAliasOutput{}, err
}

func (f *function) GetFunctionConfiguration(_ context.Context, in *lambda.GetFunctionConfigurationInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error) {
	if in.Qualifier == nil && f.latest != nil {
		out := *f.latest
		return &out, nil
	}
	found := f.versions[aws.ToString(in.Qualifier)]
	if found == nil {
		return nil, refusal("ResourceNotFoundException")
	}
	out := *found
	return &out, nil
}

func (f *function) GetFunction(context.Context, *lambda.GetFunctionInput, ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error) {
	out := &lambda.GetFunctionOutput{Code: &types.FunctionCodeLocation{}}
	if f.key != "" {
		out.Code.SourceKMSKeyArn = &f.key
	}
	return out, nil
}

func (f *function) GetProvisionedConcurrencyConfig(context.Context, *lambda.GetProvisionedConcurrencyConfigInput, ...func(*lambda.Options)) (*lambda.GetProvisionedConcurrencyConfigOutput, error) {
	if f.ready == nil {
		return nil, refusal("ProvisionedConcurrencyConfigNotFoundException")
	}
	return f.ready, nil
}

func (f *function) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if f.serves == "" {
		return nil, &smithy.GenericAPIError{Code: "ParameterNotFound"}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Name: in.Name, Value: &f.serves}}, nil
}

func (f *function) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	f.serves = *in.Value
	return &ssm.PutParameterOutput{}, nil
}

func (f *function) UpdateFunctionCode(_ context.Context, in *lambda.UpdateFunctionCodeInput, _ ...func(*lambda.Options)) (*lambda.UpdateFunctionCodeOutput, error) {
	f.given = append(f.given, in)
	if aws.ToString(in.RevisionId) != aws.ToString(f.latest.RevisionId) {
		return nil, refusal("PreconditionFailedException")
	}
	given := aws.ToString(in.ImageUri)
	if in.S3Bucket != nil {
		given = fmt.Sprintf("s3://%s/%s?versionId=%s", *in.S3Bucket, *in.S3Key, *in.S3ObjectVersion)
	}
	sum, ok := f.codes[given]
	if !ok {
		return nil, refusal("InvalidParameterValueException")
	}
	f.latest.CodeSha256, f.latest.LastUpdateStatus, f.latest.RevisionId = &sum, types.LastUpdateStatusInProgress, aws.String(*f.latest.RevisionId+"+")
	return &lambda.UpdateFunctionCodeOutput{CodeSha256: &sum}, nil
}

func (f *function) PublishVersion(_ context.Context, in *lambda.PublishVersionInput, _ ...func(*lambda.Options)) (*lambda.PublishVersionOutput, error) {
	f.published = append(f.published, in)
	switch {
	case f.latest.LastUpdateStatus == types.LastUpdateStatusInProgress:
		return nil, refusal("ResourceConflictException")
	case aws.ToString(in.RevisionId) != aws.ToString(f.latest.RevisionId):
		return nil, refusal("PreconditionFailedException")
	}
	last := strconv.Itoa(len(f.versions) + 5) // the first is 6
	if aws.ToString(f.versions[last].CodeSha256) != aws.ToString(f.latest.CodeSha256) {
		version := *f.latest
		last = strconv.Itoa(len(f.versions) + 6)
		version.Version, version.State = aws.String(last), types.StateActive
		f.versions[last] = &version
	}
	return &lambda.PublishVersionOutput{Version: &last}, nil
}

// DescribeImages knows one image of the repository.
func (f *function) DescribeImages(_ context.Context, in *ecr.DescribeImagesInput, _ ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	if aws.ToString(in.ImageIds[0].ImageTag) != "release-42" && aws.ToString(in.ImageIds[0].ImageDigest) != newImage {
		return nil, refusal("ImageNotFoundException")
	}
	return &ecr.DescribeImagesOutput{ImageDetails: []ecrtypes.ImageDetail{{ImageDigest: aws.String(newImage)}}}, nil
}

// GetObject knows one object, whose newest version is v2.
func (f *function) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if *in.Bucket != "orders-code" || *in.Key != "orders/release-42.zip" || in.VersionId != nil && *in.VersionId != "v2" {
		return nil, refusal("NoSuchKey")
	}
	return &s3.GetObjectOutput{VersionId: aws.String("v2"), Body: io.NopCloser(strings.NewReader(newZip))}, nil
}
