// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.wire;

import com.tigertally.client.messages.ActivateTokenRequest;
import com.tigertally.client.messages.AppRequest;
import com.tigertally.client.messages.AppResponse;
import com.tigertally.client.messages.AskCardRequest;
import com.tigertally.client.messages.AskCardResponse;
import com.tigertally.client.messages.BeginFlowRequest;
import com.tigertally.client.messages.BeginOwnFlowRequest;
import com.tigertally.client.messages.BeginTransactionRequest;
import com.tigertally.client.messages.BeginTransactionResponse;
import com.tigertally.client.messages.BindTokenRequest;
import com.tigertally.client.messages.CancelFlowRequest;
import com.tigertally.client.messages.CancelSerialRequest;
import com.tigertally.client.messages.ChangePasswordRequest;
import com.tigertally.client.messages.CloseUserRequest;
import com.tigertally.client.messages.CompleteTransactionRequest;
import com.tigertally.client.messages.ConfirmByServiceRequest;
import com.tigertally.client.messages.DecipherFieldRequest;
import com.tigertally.client.messages.DecipherFieldResponse;
import com.tigertally.client.messages.DigestRequest;
import com.tigertally.client.messages.DigestResponse;
import com.tigertally.client.messages.DrawRandomRequest;
import com.tigertally.client.messages.DrawRandomResponse;
import com.tigertally.client.messages.EncipherFieldRequest;
import com.tigertally.client.messages.EncipherFieldResponse;
import com.tigertally.client.messages.FlowQueryResponse;
import com.tigertally.client.messages.FlowResponse;
import com.tigertally.client.messages.FlowStepRequest;
import com.tigertally.client.messages.GenerateMacRequest;
import com.tigertally.client.messages.GenerateMacResponse;
import com.tigertally.client.messages.GetGreetingRequest;
import com.tigertally.client.messages.GetGreetingResponse;
import com.tigertally.client.messages.HostCodeRequest;
import com.tigertally.client.messages.HostCodeResponse;
import com.tigertally.client.messages.ImportKeyRequest;
import com.tigertally.client.messages.IssueActivationCodeRequest;
import com.tigertally.client.messages.IssueActivationCodeResponse;
import com.tigertally.client.messages.IssueEmergencyCodeRequest;
import com.tigertally.client.messages.IssueEmergencyCodeResponse;
import com.tigertally.client.messages.IssueKeyRequest;
import com.tigertally.client.messages.IssueOcraChallengeRequest;
import com.tigertally.client.messages.IssueOcraChallengeResponse;
import com.tigertally.client.messages.KeyResponse;
import com.tigertally.client.messages.MakePinValueRequest;
import com.tigertally.client.messages.MakePinValueResponse;
import com.tigertally.client.messages.PasswordRequest;
import com.tigertally.client.messages.PasswordResponse;
import com.tigertally.client.messages.PhoneActRequest;
import com.tigertally.client.messages.PhoneRequest;
import com.tigertally.client.messages.PhoneResponse;
import com.tigertally.client.messages.QueryFlowRequest;
import com.tigertally.client.messages.QueryKeyRequest;
import com.tigertally.client.messages.QueryReferenceRequest;
import com.tigertally.client.messages.QueryResponse;
import com.tigertally.client.messages.QuerySerialRequest;
import com.tigertally.client.messages.QuerySmsRequest;
import com.tigertally.client.messages.QuerySmsResponse;
import com.tigertally.client.messages.QueryTokenRequest;
import com.tigertally.client.messages.QueryTokenResponse;
import com.tigertally.client.messages.QueryTransactionRequest;
import com.tigertally.client.messages.QueryTransactionResponse;
import com.tigertally.client.messages.QueryUserRequest;
import com.tigertally.client.messages.QueryUserResponse;
import com.tigertally.client.messages.RegisterAppKeyRequest;
import com.tigertally.client.messages.RegisterUserRequest;
import com.tigertally.client.messages.ReplaceTokenRequest;
import com.tigertally.client.messages.ReplaceTokenResponse;
import com.tigertally.client.messages.ResetPasswordRequest;
import com.tigertally.client.messages.ResetPasswordResponse;
import com.tigertally.client.messages.ResyncTokenRequest;
import com.tigertally.client.messages.RetireKeyRequest;
import com.tigertally.client.messages.SendSmsCodeRequest;
import com.tigertally.client.messages.SendSmsCodeResponse;
import com.tigertally.client.messages.SendSmsWarningRequest;
import com.tigertally.client.messages.SendSmsWarningResponse;
import com.tigertally.client.messages.SetGreetingRequest;
import com.tigertally.client.messages.SetGreetingResponse;
import com.tigertally.client.messages.SetPasswordRequest;
import com.tigertally.client.messages.SetTokenPinRequest;
import com.tigertally.client.messages.StartActivationRequest;
import com.tigertally.client.messages.StartActivationResponse;
import com.tigertally.client.messages.TokenRequest;
import com.tigertally.client.messages.TokenResponse;
import com.tigertally.client.messages.TransactionResponse;
import com.tigertally.client.messages.TranslatePinRequest;
import com.tigertally.client.messages.TranslatePinResponse;
import com.tigertally.client.messages.UserResponse;
import com.tigertally.client.messages.VerifyCardRequest;
import com.tigertally.client.messages.VerifyCardResponse;
import com.tigertally.client.messages.VerifyChapRequest;
import com.tigertally.client.messages.VerifyEmergencyCodeRequest;
import com.tigertally.client.messages.VerifyEmergencyCodeResponse;
import com.tigertally.client.messages.VerifyMacRequest;
import com.tigertally.client.messages.VerifyMacResponse;
import com.tigertally.client.messages.VerifyMschapv2Request;
import com.tigertally.client.messages.VerifyMschapv2Response;
import com.tigertally.client.messages.VerifyOcraRequest;
import com.tigertally.client.messages.VerifyOcraResponse;
import com.tigertally.client.messages.VerifyOtpRequest;
import com.tigertally.client.messages.VerifyOtpResponse;
import com.tigertally.client.messages.VerifyPasswordRequest;
import com.tigertally.client.messages.VerifyPinOtpRequest;
import com.tigertally.client.messages.VerifyPinRequest;
import com.tigertally.client.messages.VerifyPinResponse;
import com.tigertally.client.messages.VerifySmsCodeRequest;
import com.tigertally.client.messages.VerifySmsMschapRequest;
import com.tigertally.client.messages.VerifySmsMschapResponse;
import com.tigertally.client.messages.VerifySmsResponse;

/** The layout of every body, by transaction, kind and schema; classes load when asked for. */
public final class Layouts {
    private Layouts() {}

    /** Body of SignOnRequest. */
    public static final Layout SIGN_ON_REQUEST = Layout.of(
            "SignOnRequest",
            "client_nonce octets 16",
            "server_nonce octets 16",
            "client_name ident 32",
            "wanted_in_flight u16 2",
            "- reserved 6");

    /** Body of SignOnResponse. */
    public static final Layout SIGN_ON_RESPONSE = Layout.of(
            "SignOnResponse",
            "detail ident 32",
            "client_nonce octets 16",
            "in_flight_limit u16 2",
            "heartbeat_s u16 2",
            "idle_s u16 2",
            "generation u16 2 =1",
            "key_life_s u32 4",
            "mac_request_wrapped octets 40",
            "mac_request_length u8 1",
            "mac_request_check octets 3",
            "mac_response_wrapped octets 40",
            "mac_response_length u8 1",
            "mac_response_check octets 3",
            "field_request_wrapped octets 40",
            "field_request_length u8 1",
            "field_request_check octets 3",
            "field_response_wrapped octets 40",
            "field_response_length u8 1",
            "field_response_check octets 3");

    /** Body of SignOffRequest. */
    public static final Layout SIGN_OFF_REQUEST = Layout.of(
            "SignOffRequest");

    /** Body of SignOffResponse. */
    public static final Layout SIGN_OFF_RESPONSE = Layout.of(
            "SignOffResponse");

    /** Body of HeartbeatRequest. */
    public static final Layout HEARTBEAT_REQUEST = Layout.of(
            "HeartbeatRequest");

    /** Body of HeartbeatResponse. */
    public static final Layout HEARTBEAT_RESPONSE = Layout.of(
            "HeartbeatResponse");

    /** Body of KeyChangeRequest. */
    public static final Layout KEY_CHANGE_REQUEST = Layout.of(
            "KeyChangeRequest");

    /** Body of KeyChangeResponse. */
    public static final Layout KEY_CHANGE_RESPONSE = Layout.of(
            "KeyChangeResponse",
            "detail ident 32",
            "generation u16 2",
            "- reserved 2",
            "key_life_s u32 4",
            "mac_request_wrapped octets 40",
            "mac_request_length u8 1",
            "mac_request_check octets 3",
            "mac_response_wrapped octets 40",
            "mac_response_length u8 1",
            "mac_response_check octets 3",
            "field_request_wrapped octets 40",
            "field_request_length u8 1",
            "field_request_check octets 3",
            "field_response_wrapped octets 40",
            "field_response_length u8 1",
            "field_response_check octets 3");

    /** Body of Greeting. */
    public static final Layout GREETING = Layout.of(
            "Greeting",
            "server_nonce octets 16",
            "server_time u64 8",
            "node ident 16",
            "- reserved 8");

    /** Body of Drain. */
    public static final Layout DRAIN = Layout.of(
            "Drain",
            "grace_ms u32 4",
            "- reserved 4");

    /** Body of KeyChangeDue. */
    public static final Layout KEY_CHANGE_DUE = Layout.of(
            "KeyChangeDue",
            "grace_ms u32 4",
            "- reserved 4");

    /** The layout of a frame's body; null when there is no such message. */
    public static Layout of(int transaction, int kind, int schema) {
        if (kind > 15 || schema > 0xfff) {
            return null;
        }
        switch (transaction << 16 | kind << 12 | schema) {
            case 0x00011001:
                return SIGN_ON_REQUEST;
            case 0x00012001:
                return SIGN_ON_RESPONSE;
            case 0x00021001:
                return SIGN_OFF_REQUEST;
            case 0x00022001:
                return SIGN_OFF_RESPONSE;
            case 0x00031001:
                return HEARTBEAT_REQUEST;
            case 0x00032001:
                return HEARTBEAT_RESPONSE;
            case 0x00041001:
                return KEY_CHANGE_REQUEST;
            case 0x00042001:
                return KEY_CHANGE_RESPONSE;
            case 0x00103001:
                return GREETING;
            case 0x00113001:
                return DRAIN;
            case 0x00123001:
                return KEY_CHANGE_DUE;
            case 0x01011001:
                return RegisterUserRequest.LAYOUT;
            case 0x01012001:
                return UserResponse.LAYOUT;
            case 0x01021001:
                return QueryUserRequest.LAYOUT;
            case 0x01022001:
                return QueryUserResponse.LAYOUT;
            case 0x01031001:
                return CloseUserRequest.LAYOUT;
            case 0x01032001:
                return UserResponse.LAYOUT;
            case 0x02011001:
                return BindTokenRequest.LAYOUT;
            case 0x02012001:
                return TokenResponse.LAYOUT;
            case 0x02021001:
                return TokenRequest.LAYOUT;
            case 0x02022001:
                return TokenResponse.LAYOUT;
            case 0x02031001:
                return TokenRequest.LAYOUT;
            case 0x02032001:
                return TokenResponse.LAYOUT;
            case 0x02041001:
                return TokenRequest.LAYOUT;
            case 0x02042001:
                return TokenResponse.LAYOUT;
            case 0x02051001:
                return TokenRequest.LAYOUT;
            case 0x02052001:
                return TokenResponse.LAYOUT;
            case 0x02061001:
                return ResyncTokenRequest.LAYOUT;
            case 0x02062001:
                return TokenResponse.LAYOUT;
            case 0x02071001:
                return TokenRequest.LAYOUT;
            case 0x02072001:
                return TokenResponse.LAYOUT;
            case 0x02081001:
                return TokenRequest.LAYOUT;
            case 0x02082001:
                return TokenResponse.LAYOUT;
            case 0x02091001:
                return ReplaceTokenRequest.LAYOUT;
            case 0x02092001:
                return ReplaceTokenResponse.LAYOUT;
            case 0x020a1001:
                return TokenRequest.LAYOUT;
            case 0x020a2001:
                return TokenResponse.LAYOUT;
            case 0x020b1001:
                return TokenRequest.LAYOUT;
            case 0x020b2001:
                return TokenResponse.LAYOUT;
            case 0x020c1001:
                return ActivateTokenRequest.LAYOUT;
            case 0x020c2001:
                return TokenResponse.LAYOUT;
            case 0x020d1001:
                return TokenRequest.LAYOUT;
            case 0x020d2001:
                return TokenResponse.LAYOUT;
            case 0x020e1001:
                return IssueEmergencyCodeRequest.LAYOUT;
            case 0x020e2001:
                return IssueEmergencyCodeResponse.LAYOUT;
            case 0x020f1001:
                return QueryTokenRequest.LAYOUT;
            case 0x020f2001:
                return QueryTokenResponse.LAYOUT;
            case 0x02101001:
                return StartActivationRequest.LAYOUT;
            case 0x02102001:
                return StartActivationResponse.LAYOUT;
            case 0x02111001:
                return VerifyEmergencyCodeRequest.LAYOUT;
            case 0x02112001:
                return VerifyEmergencyCodeResponse.LAYOUT;
            case 0x02121001:
                return IssueActivationCodeRequest.LAYOUT;
            case 0x02122001:
                return IssueActivationCodeResponse.LAYOUT;
            case 0x03011001:
                return VerifyOtpRequest.LAYOUT;
            case 0x03012001:
                return VerifyOtpResponse.LAYOUT;
            case 0x03021001:
                return VerifyPinOtpRequest.LAYOUT;
            case 0x03022001:
                return VerifyOtpResponse.LAYOUT;
            case 0x03031001:
                return SetTokenPinRequest.LAYOUT;
            case 0x03032001:
                return TokenResponse.LAYOUT;
            case 0x03041001:
                return VerifyMschapv2Request.LAYOUT;
            case 0x03042001:
                return VerifyMschapv2Response.LAYOUT;
            case 0x03051001:
                return VerifyChapRequest.LAYOUT;
            case 0x03052001:
                return VerifyOtpResponse.LAYOUT;
            case 0x03061001:
                return IssueOcraChallengeRequest.LAYOUT;
            case 0x03062001:
                return IssueOcraChallengeResponse.LAYOUT;
            case 0x03071001:
                return VerifyOcraRequest.LAYOUT;
            case 0x03072001:
                return VerifyOcraResponse.LAYOUT;
            case 0x03081001:
                return HostCodeRequest.LAYOUT;
            case 0x03082001:
                return HostCodeResponse.LAYOUT;
            case 0x03101001:
                return AskCardRequest.LAYOUT;
            case 0x03102001:
                return AskCardResponse.LAYOUT;
            case 0x03111001:
                return VerifyCardRequest.LAYOUT;
            case 0x03112001:
                return VerifyCardResponse.LAYOUT;
            case 0x04011001:
                return QuerySerialRequest.LAYOUT;
            case 0x04012001:
                return QueryResponse.LAYOUT;
            case 0x04021001:
                return QueryReferenceRequest.LAYOUT;
            case 0x04022001:
                return QueryResponse.LAYOUT;
            case 0x04031001:
                return CancelSerialRequest.LAYOUT;
            case 0x04032001:
                return QueryResponse.LAYOUT;
            case 0x05011001:
                return PhoneRequest.LAYOUT;
            case 0x05012001:
                return PhoneResponse.LAYOUT;
            case 0x05021001:
                return PhoneRequest.LAYOUT;
            case 0x05022001:
                return PhoneResponse.LAYOUT;
            case 0x05031001:
                return PhoneActRequest.LAYOUT;
            case 0x05032001:
                return PhoneResponse.LAYOUT;
            case 0x05041001:
                return PhoneActRequest.LAYOUT;
            case 0x05042001:
                return PhoneResponse.LAYOUT;
            case 0x05051001:
                return PhoneActRequest.LAYOUT;
            case 0x05052001:
                return PhoneResponse.LAYOUT;
            case 0x05061001:
                return PhoneActRequest.LAYOUT;
            case 0x05062001:
                return PhoneResponse.LAYOUT;
            case 0x05071001:
                return SendSmsCodeRequest.LAYOUT;
            case 0x05072001:
                return SendSmsCodeResponse.LAYOUT;
            case 0x05081001:
                return VerifySmsCodeRequest.LAYOUT;
            case 0x05082001:
                return VerifySmsResponse.LAYOUT;
            case 0x05091001:
                return VerifySmsMschapRequest.LAYOUT;
            case 0x05092001:
                return VerifySmsMschapResponse.LAYOUT;
            case 0x050a1001:
                return QuerySmsRequest.LAYOUT;
            case 0x050a2001:
                return QuerySmsResponse.LAYOUT;
            case 0x050b1001:
                return RegisterAppKeyRequest.LAYOUT;
            case 0x050b2001:
                return AppResponse.LAYOUT;
            case 0x050c1001:
                return AppRequest.LAYOUT;
            case 0x050c2001:
                return AppResponse.LAYOUT;
            case 0x050d1001:
                return SendSmsWarningRequest.LAYOUT;
            case 0x050d2001:
                return SendSmsWarningResponse.LAYOUT;
            case 0x06011001:
                return SetPasswordRequest.LAYOUT;
            case 0x06012001:
                return PasswordResponse.LAYOUT;
            case 0x06021001:
                return ChangePasswordRequest.LAYOUT;
            case 0x06022001:
                return PasswordResponse.LAYOUT;
            case 0x06031001:
                return ResetPasswordRequest.LAYOUT;
            case 0x06032001:
                return ResetPasswordResponse.LAYOUT;
            case 0x06041001:
                return VerifyPasswordRequest.LAYOUT;
            case 0x06042001:
                return PasswordResponse.LAYOUT;
            case 0x06051001:
                return PasswordRequest.LAYOUT;
            case 0x06052001:
                return PasswordResponse.LAYOUT;
            case 0x06061001:
                return PasswordRequest.LAYOUT;
            case 0x06062001:
                return PasswordResponse.LAYOUT;
            case 0x06071001:
                return PasswordRequest.LAYOUT;
            case 0x06072001:
                return PasswordResponse.LAYOUT;
            case 0x06081001:
                return PasswordRequest.LAYOUT;
            case 0x06082001:
                return PasswordResponse.LAYOUT;
            case 0x07011001:
                return BeginFlowRequest.LAYOUT;
            case 0x07012001:
                return FlowResponse.LAYOUT;
            case 0x07021001:
                return BeginOwnFlowRequest.LAYOUT;
            case 0x07022001:
                return FlowResponse.LAYOUT;
            case 0x07031001:
                return FlowStepRequest.LAYOUT;
            case 0x07032001:
                return FlowResponse.LAYOUT;
            case 0x07041001:
                return QueryFlowRequest.LAYOUT;
            case 0x07042001:
                return FlowQueryResponse.LAYOUT;
            case 0x07051001:
                return CancelFlowRequest.LAYOUT;
            case 0x07052001:
                return FlowResponse.LAYOUT;
            case 0x08011001:
                return BeginTransactionRequest.LAYOUT;
            case 0x08012001:
                return BeginTransactionResponse.LAYOUT;
            case 0x08021001:
                return ConfirmByServiceRequest.LAYOUT;
            case 0x08022001:
                return TransactionResponse.LAYOUT;
            case 0x08031001:
                return CompleteTransactionRequest.LAYOUT;
            case 0x08032001:
                return TransactionResponse.LAYOUT;
            case 0x08041001:
                return QueryTransactionRequest.LAYOUT;
            case 0x08042001:
                return QueryTransactionResponse.LAYOUT;
            case 0x09011001:
                return SetGreetingRequest.LAYOUT;
            case 0x09012001:
                return SetGreetingResponse.LAYOUT;
            case 0x09021001:
                return GetGreetingRequest.LAYOUT;
            case 0x09022001:
                return GetGreetingResponse.LAYOUT;
            case 0x0b011001:
                return GenerateMacRequest.LAYOUT;
            case 0x0b012001:
                return GenerateMacResponse.LAYOUT;
            case 0x0b021001:
                return VerifyMacRequest.LAYOUT;
            case 0x0b022001:
                return VerifyMacResponse.LAYOUT;
            case 0x0b031001:
                return EncipherFieldRequest.LAYOUT;
            case 0x0b032001:
                return EncipherFieldResponse.LAYOUT;
            case 0x0b041001:
                return DecipherFieldRequest.LAYOUT;
            case 0x0b042001:
                return DecipherFieldResponse.LAYOUT;
            case 0x0b051001:
                return TranslatePinRequest.LAYOUT;
            case 0x0b052001:
                return TranslatePinResponse.LAYOUT;
            case 0x0b061001:
                return VerifyPinRequest.LAYOUT;
            case 0x0b062001:
                return VerifyPinResponse.LAYOUT;
            case 0x0b071001:
                return MakePinValueRequest.LAYOUT;
            case 0x0b072001:
                return MakePinValueResponse.LAYOUT;
            case 0x0b081001:
                return DrawRandomRequest.LAYOUT;
            case 0x0b082001:
                return DrawRandomResponse.LAYOUT;
            case 0x0b091001:
                return DigestRequest.LAYOUT;
            case 0x0b092001:
                return DigestResponse.LAYOUT;
            case 0x0b0a1001:
                return QueryKeyRequest.LAYOUT;
            case 0x0b0a2001:
                return KeyResponse.LAYOUT;
            case 0x0b0b1001:
                return IssueKeyRequest.LAYOUT;
            case 0x0b0b2001:
                return KeyResponse.LAYOUT;
            case 0x0b0c1001:
                return ImportKeyRequest.LAYOUT;
            case 0x0b0c2001:
                return KeyResponse.LAYOUT;
            case 0x0b0d1001:
                return RetireKeyRequest.LAYOUT;
            case 0x0b0d2001:
                return KeyResponse.LAYOUT;
            default:
                return null;
        }
    }
}
