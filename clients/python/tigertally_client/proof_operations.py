"""The typed methods of a client about questions, PINs and the codes hidden in access protocols.
Common arguments as in `operations`.

    asked = await client.issue_ocra_challenge("C0001", reference="PAY-42")
    ...                                   # the customer types asked.question into the token
    result = await client.verify_ocra("C0001", "12345678", challenge=asked.challenge)
    if result.approved: ...
"""

from __future__ import annotations

from tigertally_client import proof_results, results
from tigertally_client.asking import Asking
from tigertally_client.proof_results import (
    AnswerResult,
    HostCodeResult,
    MschapResult,
    QuestionResult,
)
from tigertally_client.results import TokenResult, VerifyResult
from tigertally_client.ticket import Ticket
from tigertally_protocol.messages.ocra import (
    NO_DIGEST,
    HostCodeRequest,
    IssueOcraChallengeRequest,
    VerifyOcraRequest,
)
from tigertally_protocol.messages.proof import (
    SetTokenPinRequest,
    VerifyChapRequest,
    VerifyMschapv2Request,
    VerifyPinOtpRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction


class ProofOperations(Asking):
    """What can be proved with a token beside its bare codes."""

    # ------------------------------------------------------------------ questions and answers

    async def issue_ocra_challenge(
        self,
        customer: str,
        *,
        token: str = "",
        question: str = "",
        text_digest: bytes | None = None,
        session: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> QuestionResult:
        """Ask a question that the customer's token is to answer.

        Args:
            customer: the customer number.
            token: serial of the token meant; "" = the customer's single active one.
            question: what the customer types into the token; "" = the server draws it.
            text_digest: SHA-256 of the text that the question stands for.
            session: session information, for tokens that mix it in.
            reference: the bank's own reference.
            end_user_address: where the customer's device is, for the record.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.
        """
        return await self._call(
            Transaction.ISSUE_OCRA_CHALLENGE,
            IssueOcraChallengeRequest(
                self._institution(institution),
                customer,
                token,
                reference,
                end_user_address,
                question,
                text_digest or NO_DIGEST,
                session,
            ),
            proof_results.question_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def host_code(
        self,
        customer: str,
        question: str,
        *,
        token: str = "",
        text_digest: bytes | None = None,
        session: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> HostCodeResult:
        """Let the server prove itself: its answer to the `question` that the customer's token
        shows. The server's own question, which comes along, may be answered by `verify_ocra`.
        """
        return await self._call(
            Transaction.HOST_CODE,
            HostCodeRequest(
                self._institution(institution),
                customer,
                token,
                reference,
                end_user_address,
                question,
                text_digest or NO_DIGEST,
                session,
            ),
            proof_results.host_code_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_ocra(
        self,
        customer: str,
        answer: str,
        *,
        challenge: str = "",
        question: str = "",
        session: str = "",
        pin: str = "",
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> AnswerResult:
        """Verify a token's answer, to a question that was issued (`challenge`) or to one that the
        customer made (`question`, `session`). `pin`: for tokens that mix it in, where the server
        doesn't have it.

        Raises:
            OutcomeUnknown: the answer may have been used up; see `resolve`.
            NoAnswer: it was not.
        """
        return await self._call(
            Transaction.VERIFY_OCRA,
            VerifyOcraRequest(
                self._institution(institution),
                customer,
                token,
                reference,
                end_user_address,
                challenge,
                question,
                session,
                SecretText(answer),
                SecretText(pin),
            ),
            proof_results.answer_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    # ------------------------------------------------------------------ PIN and code

    async def verify_pin_otp(
        self,
        customer: str,
        pin: str,
        otp: str,
        *,
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> VerifyResult:
        """Verify a token's PIN and its one-time password together. Which of them was wrong is not
        told.
        """
        return await self._call(
            Transaction.VERIFY_PIN_OTP,
            VerifyPinOtpRequest(
                self._institution(institution),
                customer,
                token,
                reference,
                end_user_address,
                SecretText(otp),
                SecretText(pin),
            ),
            results.verify_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def set_token_pin(
        self,
        customer: str,
        token: str,
        new_pin: str,
        *,
        pin: str = "",
        reason: str = "",
        reference: str = "",
        operator: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Set a token's PIN: the first one, another one with the one in force (`pin`), or anew by a
        member of staff (`operator`).
        """
        return await self._call(
            Transaction.SET_TOKEN_PIN,
            SetTokenPinRequest(
                self._institution(institution),
                customer,
                token,
                reference,
                end_user_address,
                operator,
                reason,
                SecretText(pin),
                SecretText(new_pin),
            ),
            results.token_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    # ------------------------------------------------------------------ access protocols

    async def verify_mschapv2(
        self,
        customer: str,
        *,
        authenticator_challenge: bytes,
        peer_challenge: bytes,
        nt_response: bytes,
        user_name: str = "",
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> MschapResult:
        """Verify a one-time password hidden in an MS-CHAPv2 response (RFC 2759).

        Args:
            customer: the customer number.
            authenticator_challenge: 16 bytes; good for one try.
            peer_challenge: 16 bytes.
            nt_response: 24 bytes.
            user_name: as the peer hashed it, without domain; "" = the customer number.
            token: serial of the token meant; "" = the customer's single active one.
            reference: the bank's own reference.
            end_user_address: where the customer's device is, for the record.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.
        """
        return await self._call(
            Transaction.VERIFY_MSCHAPV2,
            VerifyMschapv2Request(
                self._institution(institution),
                customer,
                token,
                reference,
                end_user_address,
                user_name,
                authenticator_challenge,
                peer_challenge,
                nt_response,
            ),
            proof_results.mschap_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_chap(
        self,
        customer: str,
        *,
        identifier: int,
        authenticator_challenge: bytes,
        chap_response: bytes,
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> VerifyResult:
        """Verify a one-time password hidden in a CHAP response (RFC 1994): identifier 0…255,
        challenge and response 16 bytes each; the challenge is good for one try.
        """
        return await self._call(
            Transaction.VERIFY_CHAP,
            VerifyChapRequest(
                self._institution(institution),
                customer,
                token,
                reference,
                end_user_address,
                identifier,
                authenticator_challenge,
                chap_response,
            ),
            results.verify_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )
