      * Generated from the protocol's registry: make generate.
      * PIC X blank-padded, numbers big-endian, fillers LOW-VALUES.
      * REGISTER_USER REQUEST: 220 bytes
       01  TT-REGISTER-USER-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-NAME                    PIC X(64).
           05  TT-MOBILE                  PIC X(20).
           05  FILLER                     PIC X(12) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * REGISTER_USER RESPONSE: 50 bytes
       01  TT-REGISTER-USER-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-USER-STATE              PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.

      * QUERY_USER REQUEST: 44 bytes
       01  TT-QUERY-USER-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).

      * QUERY_USER RESPONSE: 386 bytes
       01  TT-QUERY-USER-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-USER-STATE              PIC X(1).
           05  TT-TOKEN-COUNT             PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-REGISTERED-AT           PIC 9(18) COMP.
           05  TT-TOKEN-1                 PIC X(24).
           05  TT-TOKEN-1-STATE           PIC X(1).
           05  TT-TOKEN-2                 PIC X(24).
           05  TT-TOKEN-2-STATE           PIC X(1).
           05  TT-TOKEN-3                 PIC X(24).
           05  TT-TOKEN-3-STATE           PIC X(1).
           05  TT-TOKEN-4                 PIC X(24).
           05  TT-TOKEN-4-STATE           PIC X(1).
           05  TT-TOKEN-5                 PIC X(24).
           05  TT-TOKEN-5-STATE           PIC X(1).
           05  TT-TOKEN-6                 PIC X(24).
           05  TT-TOKEN-6-STATE           PIC X(1).
           05  TT-TOKEN-7                 PIC X(24).
           05  TT-TOKEN-7-STATE           PIC X(1).
           05  TT-TOKEN-8                 PIC X(24).
           05  TT-TOKEN-8-STATE           PIC X(1).
           05  TT-NAME                    PIC X(64).
           05  TT-MOBILE                  PIC X(20).
           05  FILLER                     PIC X(12) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * CLOSE_USER REQUEST: 140 bytes
       01  TT-CLOSE-USER-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * CLOSE_USER RESPONSE: 50 bytes
       01  TT-CLOSE-USER-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-USER-STATE              PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.

      * BIND_TOKEN REQUEST: 164 bytes
       01  TT-BIND-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-OTP                     PIC X(10).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * BIND_TOKEN RESPONSE: 82 bytes
       01  TT-BIND-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * UNBIND_TOKEN REQUEST: 164 bytes
       01  TT-UNBIND-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * UNBIND_TOKEN RESPONSE: 82 bytes
       01  TT-UNBIND-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * ENABLE_TOKEN REQUEST: 164 bytes
       01  TT-ENABLE-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * ENABLE_TOKEN RESPONSE: 82 bytes
       01  TT-ENABLE-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * DISABLE_TOKEN REQUEST: 164 bytes
       01  TT-DISABLE-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * DISABLE_TOKEN RESPONSE: 82 bytes
       01  TT-DISABLE-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * UNLOCK_TOKEN REQUEST: 164 bytes
       01  TT-UNLOCK-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * UNLOCK_TOKEN RESPONSE: 82 bytes
       01  TT-UNLOCK-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * RESYNC_TOKEN REQUEST: 180 bytes
       01  TT-RESYNC-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-OTP-1                   PIC X(10).
           05  TT-OTP-2                   PIC X(10).
           05  FILLER                     PIC X(12) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * RESYNC_TOKEN RESPONSE: 82 bytes
       01  TT-RESYNC-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * REPORT_LOSS REQUEST: 164 bytes
       01  TT-REPORT-LOSS-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * REPORT_LOSS RESPONSE: 82 bytes
       01  TT-REPORT-LOSS-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * WITHDRAW_LOSS REQUEST: 164 bytes
       01  TT-WITHDRAW-LOSS-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * WITHDRAW_LOSS RESPONSE: 82 bytes
       01  TT-WITHDRAW-LOSS-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * REPLACE_TOKEN REQUEST: 244 bytes
       01  TT-REPLACE-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-NEW-TOKEN               PIC X(24).
           05  TT-REASON                  PIC X(48).
           05  TT-ASSIGN                  PIC X(1).
           05  TT-CARRY-PIN               PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-OTP                     PIC X(10).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * REPLACE_TOKEN RESPONSE: 114 bytes
       01  TT-REPLACE-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-NEW-TOKEN               PIC X(24).
           05  TT-NEW-TOKEN-STATE         PIC X(1).
           05  TT-PIN-CARRIED             PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.

      * VOID_TOKEN REQUEST: 164 bytes
       01  TT-VOID-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * VOID_TOKEN RESPONSE: 82 bytes
       01  TT-VOID-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * RESTORE_TOKEN REQUEST: 164 bytes
       01  TT-RESTORE-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * RESTORE_TOKEN RESPONSE: 82 bytes
       01  TT-RESTORE-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * ACTIVATE_TOKEN REQUEST: 196 bytes
       01  TT-ACTIVATE-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-OTP                     PIC X(10).
           05  TT-ACTIVATION-CODE         PIC X(24).
           05  FILLER                     PIC X(14) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * ACTIVATE_TOKEN RESPONSE: 82 bytes
       01  TT-ACTIVATE-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * ASSIGN_TOKEN REQUEST: 164 bytes
       01  TT-ASSIGN-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * ASSIGN_TOKEN RESPONSE: 82 bytes
       01  TT-ASSIGN-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * ISSUE_EMERGENCY_CODE REQUEST: 172 bytes
       01  TT-ISSUE-EMERGENCY-CODE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).
           05  TT-USES                    PIC X(1).
           05  FILLER                     PIC X(3) VALUE LOW-VALUES.
           05  TT-VALID-S                 PIC 9(9) COMP.

      * ISSUE_EMERGENCY_CODE RESPONSE: 130 bytes
       01  TT-ISSUE-EMERGENCY-CODE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-USES-LEFT               PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-EMERGENCY-CODE          PIC X(10).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * QUERY_TOKEN REQUEST: 68 bytes
       01  TT-QUERY-TOKEN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).

      * QUERY_TOKEN RESPONSE: 178 bytes
       01  TT-QUERY-TOKEN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-TOKEN-TYPE              PIC X(32).
           05  TT-REPLACED-BY             PIC X(24).
           05  TT-CELLS-LEFT              PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-VALID-FROM              PIC 9(18) COMP.
           05  TT-VALID-TO                PIC 9(18) COMP.
           05  TT-ACTIVATION-UNTIL        PIC 9(18) COMP.
           05  TT-EMERGENCY-UNTIL         PIC 9(18) COMP.

      * START_ACTIVATION REQUEST: 124 bytes
       01  TT-START-ACTIVATION-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-VALID-S                 PIC 9(9) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.

      * START_ACTIVATION RESPONSE: 434 bytes
       01  TT-START-ACTIVATION-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-URI                     PIC X(304).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_EMERGENCY_CODE REQUEST: 188 bytes
       01  TT-VERIFY-EMERGENCY-CODE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-OTP                     PIC X(10).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_EMERGENCY_CODE RESPONSE: 90 bytes
       01  TT-VERIFY-EMERGENCY-CODE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  TT-USES-LEFT               PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * ISSUE_ACTIVATION_CODE REQUEST: 116 bytes
       01  TT-ISSUE-ACTIVATION-CODE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).

      * ISSUE_ACTIVATION_CODE RESPONSE: 146 bytes
       01  TT-ISSUE-ACTIVATION-CODE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-ACTIVATION-CODE         PIC X(24).
           05  FILLER                     PIC X(8) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_OTP REQUEST: 188 bytes
       01  TT-VERIFY-OTP-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-OTP                     PIC X(10).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_OTP RESPONSE: 82 bytes
       01  TT-VERIFY-OTP-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * VERIFY_PIN_OTP REQUEST: 204 bytes
       01  TT-VERIFY-PIN-OTP-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-OTP                     PIC X(10).
           05  TT-PIN                     PIC X(12).
           05  FILLER                     PIC X(10) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_PIN_OTP RESPONSE: 82 bytes
       01  TT-VERIFY-PIN-OTP-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * SET_TOKEN_PIN REQUEST: 268 bytes
       01  TT-SET-TOKEN-PIN-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).
           05  TT-PIN                     PIC X(12).
           05  TT-NEW-PIN                 PIC X(12).
           05  FILLER                     PIC X(8) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * SET_TOKEN_PIN RESPONSE: 82 bytes
       01  TT-SET-TOKEN-PIN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * VERIFY_MSCHAPV2 REQUEST: 260 bytes
       01  TT-VERIFY-MSCHAPV2-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-USER-NAME               PIC X(64).
           05  TT-AUTH-CHALLENGE          PIC X(16) VALUE LOW-VALUES.
           05  TT-PEER-CHALLENGE          PIC X(16) VALUE LOW-VALUES.
           05  TT-NT-RESPONSE             PIC X(24) VALUE LOW-VALUES.

      * VERIFY_MSCHAPV2 RESPONSE: 124 bytes
       01  TT-VERIFY-MSCHAPV2-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-AUTH-RESPONSE           PIC X(42).

      * VERIFY_CHAP REQUEST: 180 bytes
       01  TT-VERIFY-CHAP-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-IDENTIFIER              PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-AUTH-CHALLENGE          PIC X(16) VALUE LOW-VALUES.
           05  TT-CHAP-RESPONSE           PIC X(16) VALUE LOW-VALUES.

      * VERIFY_CHAP RESPONSE: 82 bytes
       01  TT-VERIFY-CHAP-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * ISSUE_OCRA_CHALLENGE REQUEST: 748 bytes
       01  TT-ISSUE-OCRA-CHALLENGE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.
           05  TT-SESSION                 PIC X(512).

      * ISSUE_OCRA_CHALLENGE RESPONSE: 170 bytes
       01  TT-ISSUE-OCRA-CHALLENGE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-CHALLENGE               PIC X(32).
           05  TT-QUESTION                PIC X(64).
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * VERIFY_OCRA REQUEST: 924 bytes
       01  TT-VERIFY-OCRA-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-CHALLENGE               PIC X(32).
           05  TT-QUESTION                PIC X(64).
           05  TT-SESSION                 PIC X(512).
           05  TT-ANSWER                  PIC X(128).
           05  TT-PIN                     PIC X(12).
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_OCRA RESPONSE: 178 bytes
       01  TT-VERIFY-OCRA-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * HOST_CODE REQUEST: 748 bytes
       01  TT-HOST-CODE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.
           05  TT-SESSION                 PIC X(512).

      * HOST_CODE RESPONSE: 346 bytes
       01  TT-HOST-CODE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-CHALLENGE               PIC X(32).
           05  TT-QUESTION                PIC X(64).
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-HOST-CODE               PIC X(128).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * ASK_CARD REQUEST: 140 bytes
       01  TT-ASK-CARD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).

      * ASK_CARD RESPONSE: 154 bytes
       01  TT-ASK-CARD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-CHALLENGE               PIC X(32).
           05  TT-CELLS                   PIC X(40).
           05  TT-CELL-DIGITS             PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-CELLS-LEFT              PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * VERIFY_CARD REQUEST: 236 bytes
       01  TT-VERIFY-CARD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-CHALLENGE               PIC X(32).
           05  TT-ANSWER                  PIC X(16).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_CARD RESPONSE: 90 bytes
       01  TT-VERIFY-CARD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-TOKEN                   PIC X(24).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CELLS-LEFT              PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.

      * QUERY_SERIAL REQUEST: 16 bytes
       01  TT-QUERY-SERIAL-REQ.
           05  TT-CHANNEL                 PIC 9(9) COMP.
           05  TT-BUSINESS-DAY            PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-SERIAL                  PIC 9(18) COMP.

      * QUERY_SERIAL RESPONSE: 186 bytes
       01  TT-QUERY-SERIAL-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-OF-STATE                PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-OF-TRX                  PIC 9(4) COMP.
           05  TT-OF-RESULT               PIC 9(9) COMP.
           05  TT-OF-TIME                 PIC 9(18) COMP.
           05  TT-OF-SERIAL               PIC 9(18) COMP.
           05  TT-OF-SHARD                PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-OF-SEQ                  PIC 9(18) COMP.
           05  TT-METHOD                  PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).

      * QUERY_REFERENCE REQUEST: 40 bytes
       01  TT-QUERY-REFERENCE-REQ.
           05  TT-CHANNEL                 PIC 9(9) COMP.
           05  TT-BUSINESS-DAY            PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-REFERENCE               PIC X(32).

      * QUERY_REFERENCE RESPONSE: 186 bytes
       01  TT-QUERY-REFERENCE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-OF-STATE                PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-OF-TRX                  PIC 9(4) COMP.
           05  TT-OF-RESULT               PIC 9(9) COMP.
           05  TT-OF-TIME                 PIC 9(18) COMP.
           05  TT-OF-SERIAL               PIC 9(18) COMP.
           05  TT-OF-SHARD                PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-OF-SEQ                  PIC 9(18) COMP.
           05  TT-METHOD                  PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).

      * CANCEL_SERIAL REQUEST: 80 bytes
       01  TT-CANCEL-SERIAL-REQ.
           05  TT-BUSINESS-DAY            PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-SERIAL                  PIC 9(18) COMP.
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * CANCEL_SERIAL RESPONSE: 186 bytes
       01  TT-CANCEL-SERIAL-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-OF-STATE                PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-OF-TRX                  PIC 9(4) COMP.
           05  TT-OF-RESULT               PIC 9(9) COMP.
           05  TT-OF-TIME                 PIC 9(18) COMP.
           05  TT-OF-SERIAL               PIC 9(18) COMP.
           05  TT-OF-SHARD                PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-OF-SEQ                  PIC 9(18) COMP.
           05  TT-METHOD                  PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).

      * BIND_PHONE REQUEST: 164 bytes
       01  TT-BIND-PHONE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-LANGUAGE                PIC X(4).
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-MOBILE                  PIC X(20).
           05  FILLER                     PIC X(12) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * BIND_PHONE RESPONSE: 74 bytes
       01  TT-BIND-PHONE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-PHONE-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-USABLE-FROM             PIC 9(18) COMP.
           05  TT-NUMBER-TAIL             PIC X(4).
           05  TT-LANGUAGE                PIC X(4).

      * CHANGE_PHONE REQUEST: 164 bytes
       01  TT-CHANGE-PHONE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-LANGUAGE                PIC X(4).
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-MOBILE                  PIC X(20).
           05  FILLER                     PIC X(12) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * CHANGE_PHONE RESPONSE: 74 bytes
       01  TT-CHANGE-PHONE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-PHONE-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-USABLE-FROM             PIC 9(18) COMP.
           05  TT-NUMBER-TAIL             PIC X(4).
           05  TT-LANGUAGE                PIC X(4).

      * CANCEL_PHONE_CHANGE REQUEST: 140 bytes
       01  TT-CANCEL-PHONE-CHANGE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * CANCEL_PHONE_CHANGE RESPONSE: 74 bytes
       01  TT-CANCEL-PHONE-CHANGE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-PHONE-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-USABLE-FROM             PIC 9(18) COMP.
           05  TT-NUMBER-TAIL             PIC X(4).
           05  TT-LANGUAGE                PIC X(4).

      * UNBIND_PHONE REQUEST: 140 bytes
       01  TT-UNBIND-PHONE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * UNBIND_PHONE RESPONSE: 74 bytes
       01  TT-UNBIND-PHONE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-PHONE-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-USABLE-FROM             PIC 9(18) COMP.
           05  TT-NUMBER-TAIL             PIC X(4).
           05  TT-LANGUAGE                PIC X(4).

      * QUERY_PHONE REQUEST: 140 bytes
       01  TT-QUERY-PHONE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * QUERY_PHONE RESPONSE: 74 bytes
       01  TT-QUERY-PHONE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-PHONE-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-USABLE-FROM             PIC 9(18) COMP.
           05  TT-NUMBER-TAIL             PIC X(4).
           05  TT-LANGUAGE                PIC X(4).

      * UNLOCK_SMS REQUEST: 140 bytes
       01  TT-UNLOCK-SMS-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * UNLOCK_SMS RESPONSE: 74 bytes
       01  TT-UNLOCK-SMS-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-PHONE-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-USABLE-FROM             PIC 9(18) COMP.
           05  TT-NUMBER-TAIL             PIC X(4).
           05  TT-LANGUAGE                PIC X(4).

      * SEND_SMS_CODE REQUEST: 464 bytes
       01  TT-SEND-SMS-CODE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-LANGUAGE                PIC X(4).
           05  TT-APP                     PIC X(24).
           05  TT-SCENE                   PIC X(16).
           05  TT-AMOUNT                  PIC 9(18) COMP.
           05  TT-CURRENCY                PIC X(4).
           05  TT-PAYEE                   PIC X(36).
           05  TT-PAYEE-NAME              PIC X(48).
           05  TT-PURPOSE                 PIC X(48).
           05  TT-FREE-FIELDS             PIC X(160).

      * SEND_SMS_CODE RESPONSE: 138 bytes
       01  TT-SEND-SMS-CODE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-CHALLENGE               PIC X(32).
           05  TT-MESSAGE-ID              PIC X(32).
           05  TT-SERVER-CODE             PIC X(4).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(3) VALUE LOW-VALUES.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-RESEND-AT               PIC 9(18) COMP.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * VERIFY_SMS_CODE REQUEST: 516 bytes
       01  TT-VERIFY-SMS-CODE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-CHALLENGE               PIC X(32).
           05  TT-SCENE                   PIC X(16).
           05  TT-AMOUNT                  PIC 9(18) COMP.
           05  TT-CURRENCY                PIC X(4).
           05  TT-PAYEE                   PIC X(36).
           05  TT-PAYEE-NAME              PIC X(48).
           05  TT-PURPOSE                 PIC X(48).
           05  TT-FREE-FIELDS             PIC X(160).
           05  TT-OTP                     PIC X(10).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_SMS_CODE RESPONSE: 90 bytes
       01  TT-VERIFY-SMS-CODE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-CHALLENGE               PIC X(32).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.

      * VERIFY_SMS_MSCHAP REQUEST: 556 bytes
       01  TT-VERIFY-SMS-MSCHAP-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-CHALLENGE               PIC X(32).
           05  TT-SCENE                   PIC X(16).
           05  TT-AMOUNT                  PIC 9(18) COMP.
           05  TT-CURRENCY                PIC X(4).
           05  TT-PAYEE                   PIC X(36).
           05  TT-PAYEE-NAME              PIC X(48).
           05  TT-PURPOSE                 PIC X(48).
           05  TT-FREE-FIELDS             PIC X(160).
           05  TT-USER-NAME               PIC X(32).
           05  TT-AUTH-CHALLENGE          PIC X(16) VALUE LOW-VALUES.
           05  TT-PEER-CHALLENGE          PIC X(16) VALUE LOW-VALUES.
           05  TT-NT-RESPONSE             PIC X(24) VALUE LOW-VALUES.

      * VERIFY_SMS_MSCHAP RESPONSE: 132 bytes
       01  TT-VERIFY-SMS-MSCHAP-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-CHALLENGE               PIC X(32).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-AUTH-RESPONSE           PIC X(42).

      * QUERY_SMS REQUEST: 76 bytes
       01  TT-QUERY-SMS-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-MESSAGE-ID              PIC X(32).

      * QUERY_SMS RESPONSE: 122 bytes
       01  TT-QUERY-SMS-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-MESSAGE-STATE           PIC X(1).
           05  TT-ATTEMPTS                PIC X(1).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-PURPOSE-WORD            PIC X(24).
           05  TT-QUEUED-AT               PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-DELIVERY-REASON         PIC X(32).

      * REGISTER_APP_KEY REQUEST: 236 bytes
       01  TT-REGISTER-APP-KEY-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-APP                     PIC X(24).
           05  TT-ALGORITHM               PIC X(8).
           05  TT-APP-KEY                 PIC X(64).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * REGISTER_APP_KEY RESPONSE: 74 bytes
       01  TT-REGISTER-APP-KEY-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-APP                     PIC X(24).
           05  TT-APP-COUNT               PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.

      * REMOVE_APP_KEY REQUEST: 164 bytes
       01  TT-REMOVE-APP-KEY-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-APP                     PIC X(24).
           05  TT-REASON                  PIC X(48).

      * REMOVE_APP_KEY RESPONSE: 74 bytes
       01  TT-REMOVE-APP-KEY-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-APP                     PIC X(24).
           05  TT-APP-COUNT               PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.

      * SEND_SMS_WARNING REQUEST: 280 bytes
       01  TT-SEND-SMS-WARNING-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-LANGUAGE                PIC X(4).
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-WORDS                   PIC X(180).

      * SEND_SMS_WARNING RESPONSE: 74 bytes
       01  TT-SEND-SMS-WARNING-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-MESSAGE-ID              PIC X(32).

      * SET_PASSWORD REQUEST: 412 bytes
       01  TT-SET-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-PASSWORD                PIC X(128).
           05  TT-KNOWN                   PIC X(96).
           05  TT-OTP                     PIC X(10).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * SET_PASSWORD RESPONSE: 74 bytes
       01  TT-SET-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * CHANGE_PASSWORD REQUEST: 540 bytes
       01  TT-CHANGE-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-PASSWORD                PIC X(128).
           05  TT-NEW-PASSWORD            PIC X(128).
           05  TT-KNOWN                   PIC X(96).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * CHANGE_PASSWORD RESPONSE: 74 bytes
       01  TT-CHANGE-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * RESET_PASSWORD REQUEST: 436 bytes
       01  TT-RESET-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).
           05  TT-PASSWORD                PIC X(128).
           05  TT-KNOWN                   PIC X(96).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * RESET_PASSWORD RESPONSE: 250 bytes
       01  TT-RESET-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-NEW-PASSWORD            PIC X(128).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_PASSWORD REQUEST: 316 bytes
       01  TT-VERIFY-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-PASSWORD                PIC X(128).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_PASSWORD RESPONSE: 74 bytes
       01  TT-VERIFY-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * QUERY_PASSWORD REQUEST: 164 bytes
       01  TT-QUERY-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * QUERY_PASSWORD RESPONSE: 74 bytes
       01  TT-QUERY-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * UNLOCK_PASSWORD REQUEST: 164 bytes
       01  TT-UNLOCK-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * UNLOCK_PASSWORD RESPONSE: 74 bytes
       01  TT-UNLOCK-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * DISABLE_PASSWORD REQUEST: 164 bytes
       01  TT-DISABLE-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * DISABLE_PASSWORD RESPONSE: 74 bytes
       01  TT-DISABLE-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * ENABLE_PASSWORD REQUEST: 164 bytes
       01  TT-ENABLE-PASSWORD-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-KIND                    PIC X(1).
           05  FILLER                     PIC X(7) VALUE LOW-VALUES.
           05  TT-SLOT                    PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * ENABLE_PASSWORD RESPONSE: 74 bytes
       01  TT-ENABLE-PASSWORD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KIND                    PIC X(1).
           05  TT-PASSWORD-STATE          PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-CHANGED-AT              PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.

      * BEGIN_FLOW REQUEST: 144 bytes
       01  TT-BEGIN-FLOW-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-POLICY                  PIC X(32).
           05  TT-DEADLINE-S              PIC 9(9) COMP.
           05  TT-CHANNEL-1               PIC 9(9) COMP.
           05  TT-CHANNEL-2               PIC 9(9) COMP.
           05  TT-CHANNEL-3               PIC 9(9) COMP.
           05  TT-CHANNEL-4               PIC 9(9) COMP.
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).

      * BEGIN_FLOW RESPONSE: 494 bytes
       01  TT-BEGIN-FLOW-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-FLOW                    PIC X(32).
           05  TT-FLOW-STATE              PIC X(1).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-FACTOR-TRX              PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-FACTOR-RESULT           PIC 9(9) COMP.
           05  TT-FACTOR                  PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-PROVEN                  PIC X(104).
           05  TT-WANTED                  PIC X(104).
           05  TT-AUTH-RESPONSE           PIC X(42).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * BEGIN_OWN_FLOW REQUEST: 304 bytes
       01  TT-BEGIN-OWN-FLOW-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-EXPRESSION              PIC X(192).
           05  TT-DEADLINE-S              PIC 9(9) COMP.
           05  TT-CHANNEL-1               PIC 9(9) COMP.
           05  TT-CHANNEL-2               PIC 9(9) COMP.
           05  TT-CHANNEL-3               PIC 9(9) COMP.
           05  TT-CHANNEL-4               PIC 9(9) COMP.
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).

      * BEGIN_OWN_FLOW RESPONSE: 494 bytes
       01  TT-BEGIN-OWN-FLOW-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-FLOW                    PIC X(32).
           05  TT-FLOW-STATE              PIC X(1).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-FACTOR-TRX              PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-FACTOR-RESULT           PIC 9(9) COMP.
           05  TT-FACTOR                  PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-PROVEN                  PIC X(104).
           05  TT-WANTED                  PIC X(104).
           05  TT-AUTH-RESPONSE           PIC X(42).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * FLOW_STEP REQUEST: 1196 bytes
       01  TT-FLOW-STEP-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-FLOW                    PIC X(32).
           05  TT-FACTOR                  PIC X(16).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-FACTOR-SCHEMA           PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-FACTOR-BODY             PIC X(1008) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * FLOW_STEP RESPONSE: 494 bytes
       01  TT-FLOW-STEP-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-FLOW                    PIC X(32).
           05  TT-FLOW-STATE              PIC X(1).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-FACTOR-TRX              PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-FACTOR-RESULT           PIC 9(9) COMP.
           05  TT-FACTOR                  PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-PROVEN                  PIC X(104).
           05  TT-WANTED                  PIC X(104).
           05  TT-AUTH-RESPONSE           PIC X(42).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * QUERY_FLOW REQUEST: 76 bytes
       01  TT-QUERY-FLOW-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-FLOW                    PIC X(32).

      * QUERY_FLOW RESPONSE: 602 bytes
       01  TT-QUERY-FLOW-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-FLOW                    PIC X(32).
           05  TT-FLOW-STATE              PIC X(1).
           05  TT-FAILURES                PIC X(1).
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-BEGAN-CHANNEL           PIC 9(9) COMP.
           05  TT-BEGAN-AT                PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-ENDED-AT                PIC 9(18) COMP.
           05  TT-CUSTOMER                PIC X(32).
           05  TT-POLICY                  PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-PROVEN                  PIC X(104).
           05  TT-WANTED                  PIC X(104).
           05  TT-EXPRESSION              PIC X(192).

      * CANCEL_FLOW REQUEST: 140 bytes
       01  TT-CANCEL-FLOW-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-FLOW                    PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-REASON                  PIC X(48).

      * CANCEL_FLOW RESPONSE: 494 bytes
       01  TT-CANCEL-FLOW-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-FLOW                    PIC X(32).
           05  TT-FLOW-STATE              PIC X(1).
           05  TT-TOKEN-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-FACTOR-TRX              PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-FACTOR-RESULT           PIC 9(9) COMP.
           05  TT-FACTOR                  PIC X(16).
           05  TT-TOKEN                   PIC X(24).
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-PROVEN                  PIC X(104).
           05  TT-WANTED                  PIC X(104).
           05  TT-AUTH-RESPONSE           PIC X(42).
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * BEGIN_TRANSACTION_VERIFICATION REQUEST: 548 bytes
       01  TT-BEGIN-TRX-VERIF-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-OPERATOR                PIC X(16).
           05  TT-METHOD                  PIC X(8).
           05  TT-TOKEN                   PIC X(24).
           05  TT-APP                     PIC X(24).
           05  TT-LASTS-S                 PIC 9(9) COMP.
           05  TT-ACT                     PIC X(16).
           05  TT-LANGUAGE                PIC X(4).
           05  TT-CURRENCY                PIC X(4).
           05  TT-SUM                     PIC X(24).
           05  TT-PAYEE                   PIC X(36).
           05  TT-PAYEE-NAME              PIC X(96).
           05  TT-BANK                    PIC X(72).
           05  TT-PURPOSE                 PIC X(96).
           05  TT-ORDERED-AT              PIC 9(18) COMP.

      * BEGIN_TRANSACTION_VERIFICATION RESPONSE: 1110 bytes
       01  TT-BEGIN-TRX-VERIF-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-VERIF                   PIC X(32).
           05  TT-TEXT-VERSION            PIC 9(4) COMP.
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-RESEND-AT               PIC 9(18) COMP.
           05  TT-SERVER-CODE             PIC X(4).
           05  TT-MESSAGE-ID              PIC X(32).
           05  TT-TOKEN                   PIC X(24).
           05  TT-QUESTION                PIC X(64).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.
           05  TT-TEXT                    PIC X(800).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * CONFIRM_BY_SERVICE REQUEST: 212 bytes
       01  TT-CONFIRM-BY-SERVICE-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-VERIF                   PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-VERDICT                 PIC X(8).
           05  TT-REASON                  PIC X(48).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * CONFIRM_BY_SERVICE RESPONSE: 162 bytes
       01  TT-CONFIRM-BY-SERVICE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-VERIF                   PIC X(32).
           05  TT-VERIF-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  TT-TEXT-VERSION            PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-METHOD                  PIC X(8).
           05  TT-TOKEN                   PIC X(24).
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * COMPLETE_TRANSACTION_VERIFICATION REQUEST: 688 bytes
       01  TT-COMPLETE-TRX-VERIF-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-END-USER-ADDRESS        PIC X(40).
           05  TT-VERIF                   PIC X(32).
           05  TT-METHOD                  PIC X(8).
           05  TT-ACT                     PIC X(16).
           05  TT-LANGUAGE                PIC X(4).
           05  TT-CURRENCY                PIC X(4).
           05  TT-SUM                     PIC X(24).
           05  TT-PAYEE                   PIC X(36).
           05  TT-PAYEE-NAME              PIC X(96).
           05  TT-BANK                    PIC X(72).
           05  TT-PURPOSE                 PIC X(96).
           05  TT-ORDERED-AT              PIC 9(18) COMP.
           05  TT-PROOF                   PIC X(128).
           05  TT-PIN                     PIC X(12).
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * COMPLETE_TRANSACTION_VERIFICATION RESPONSE: 162 bytes
       01  TT-COMPLETE-TRX-VERIF-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-VERIF                   PIC X(32).
           05  TT-VERIF-STATE             PIC X(1).
           05  TT-REMAINING-TRIES         PIC X(1).
           05  TT-TEXT-VERSION            PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-METHOD                  PIC X(8).
           05  TT-TOKEN                   PIC X(24).
           05  TT-LOCKED-UNTIL            PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.

      * QUERY_TRANSACTION_VERIFICATION REQUEST: 76 bytes
       01  TT-QUERY-TRX-VERIF-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-VERIF                   PIC X(32).

      * QUERY_TRANSACTION_VERIFICATION RESPONSE: 1130 bytes
       01  TT-QUERY-TRX-VERIF-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-VERIF                   PIC X(32).
           05  TT-VERIF-STATE             PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-TEXT-VERSION            PIC 9(4) COMP.
           05  TT-METHOD                  PIC X(8).
           05  TT-BEGAN-CHANNEL           PIC 9(9) COMP.
           05  TT-OPERATOR                PIC X(16).
           05  TT-REFERENCE               PIC X(32).
           05  TT-ACT                     PIC X(16).
           05  TT-BEGAN-AT                PIC 9(18) COMP.
           05  TT-EXPIRES-AT              PIC 9(18) COMP.
           05  TT-ENDED-AT                PIC 9(18) COMP.
           05  TT-CONFIRMED-AT            PIC 9(18) COMP.
           05  TT-CONFIRMED-BY            PIC X(16).
           05  TT-REASON                  PIC X(48).
           05  TT-TEXT-DIGEST             PIC X(32) VALUE LOW-VALUES.
           05  TT-TEXT                    PIC X(800).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * SET_GREETING REQUEST: 236 bytes
       01  TT-SET-GREETING-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).
           05  TT-REFERENCE               PIC X(32).
           05  TT-OPERATOR                PIC X(16).
           05  TT-GREETING                PIC X(96).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * SET_GREETING RESPONSE: 44 bytes
       01  TT-SET-GREETING-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.

      * GET_GREETING REQUEST: 44 bytes
       01  TT-GET-GREETING-REQ.
           05  TT-INSTITUTION             PIC X(12).
           05  TT-CUSTOMER                PIC X(32).

      * GET_GREETING RESPONSE: 186 bytes
       01  TT-GET-GREETING-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-GREETING                PIC X(96).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * GENERATE_MAC REQUEST: 1136 bytes
       01  TT-GENERATE-MAC-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-MAC-ALGORITHM           PIC X(1).
           05  TT-PADDING                 PIC X(1).
           05  TT-MAC-LENGTH              PIC X(1).
           05  FILLER                     PIC X(3) VALUE LOW-VALUES.
           05  TT-DATA-LENGTH             PIC 9(4) COMP.
           05  TT-DATA                    PIC X(1024) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * GENERATE_MAC RESPONSE: 80 bytes
       01  TT-GENERATE-MAC-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  TT-MAC-LENGTH              PIC X(1).
           05  FILLER                     PIC X(3) VALUE LOW-VALUES.
           05  TT-MAC-VALUE               PIC X(32) VALUE LOW-VALUES.

      * VERIFY_MAC REQUEST: 1168 bytes
       01  TT-VERIFY-MAC-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-MAC-ALGORITHM           PIC X(1).
           05  TT-PADDING                 PIC X(1).
           05  TT-MAC-LENGTH              PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  TT-DATA-LENGTH             PIC 9(4) COMP.
           05  TT-MAC-VALUE               PIC X(32) VALUE LOW-VALUES.
           05  TT-DATA                    PIC X(1024) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_MAC RESPONSE: 48 bytes
       01  TT-VERIFY-MAC-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.

      * ENCIPHER_FIELD REQUEST: 688 bytes
       01  TT-ENCIPHER-FIELD-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-CONTEXT                 PIC X(64).
           05  TT-MODE                    PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-PLAIN-LENGTH            PIC 9(4) COMP.
           05  TT-PLAIN                   PIC X(512) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * ENCIPHER_FIELD RESPONSE: 592 bytes
       01  TT-ENCIPHER-FIELD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  TT-CIPHER-LENGTH           PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-CIPHERTEXT              PIC X(544) VALUE LOW-VALUES.

      * DECIPHER_FIELD REQUEST: 672 bytes
       01  TT-DECIPHER-FIELD-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-CONTEXT                 PIC X(64).
           05  TT-MODE                    PIC X(1).
           05  FILLER                     PIC X(3) VALUE LOW-VALUES.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  TT-CIPHER-LENGTH           PIC 9(4) COMP.
           05  TT-CIPHERTEXT              PIC X(544) VALUE LOW-VALUES.

      * DECIPHER_FIELD RESPONSE: 608 bytes
       01  TT-DECIPHER-FIELD-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  TT-PLAIN-LENGTH            PIC 9(4) COMP.
           05  FILLER                     PIC X(2) VALUE LOW-VALUES.
           05  TT-PLAIN                   PIC X(512) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * TRANSLATE_PIN REQUEST: 168 bytes
       01  TT-TRANSLATE-PIN-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-NEW-KEY                 PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-PIN-FORMAT              PIC X(1).
           05  TT-NEW-FORMAT              PIC X(1).
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-ACCOUNT                 PIC X(19).
           05  TT-PIN-BLOCK               PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(13) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * TRANSLATE_PIN RESPONSE: 112 bytes
       01  TT-TRANSLATE-PIN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-PIN-BLOCK               PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_PIN REQUEST: 232 bytes
       01  TT-VERIFY-PIN-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-PIN-KEY                 PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-PIN-FORMAT              PIC X(1).
           05  TT-PIN-METHOD              PIC X(1).
           05  TT-PIN-INDEX               PIC X(1).
           05  FILLER                     PIC X(1) VALUE LOW-VALUES.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  TT-PIN-KEY-GENERATION      PIC 9(4) COMP.
           05  TT-ACCOUNT                 PIC X(19).
           05  TT-PIN-BLOCK               PIC X(16) VALUE LOW-VALUES.
           05  TT-PIN-VALUE               PIC X(64).
           05  FILLER                     PIC X(13) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * VERIFY_PIN RESPONSE: 48 bytes
       01  TT-VERIFY-PIN-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-REMAINING-TRIES         PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.

      * MAKE_PIN_VALUE REQUEST: 168 bytes
       01  TT-MAKE-PIN-VALUE-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-PIN-KEY                 PIC X(24).
           05  TT-REFERENCE               PIC X(32).
           05  TT-PIN-FORMAT              PIC X(1).
           05  TT-PIN-METHOD              PIC X(1).
           05  TT-PIN-INDEX               PIC X(1).
           05  FILLER                     PIC X(3) VALUE LOW-VALUES.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  TT-ACCOUNT                 PIC X(19).
           05  TT-PIN-BLOCK               PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(13) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * MAKE_PIN_VALUE RESPONSE: 160 bytes
       01  TT-MAKE-PIN-VALUE-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-PIN-KEY-GENERATION      PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-PIN-VALUE               PIC X(64).
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * DRAW_RANDOM REQUEST: 8 bytes
       01  TT-DRAW-RANDOM-REQ.
           05  TT-OCTET-COUNT             PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.

      * DRAW_RANDOM RESPONSE: 352 bytes
       01  TT-DRAW-RANDOM-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-OCTET-COUNT             PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-RANDOM-OCTETS           PIC X(256) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * DIGEST REQUEST: 1080 bytes
       01  TT-DIGEST-REQ.
           05  TT-DIGEST-ALGORITHM        PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-DATA-LENGTH             PIC 9(4) COMP.
           05  TT-DATA                    PIC X(1024) VALUE LOW-VALUES.
           05  FILLER                     PIC X(16) VALUE LOW-VALUES.
           05  FILLER                     PIC X(32) VALUE LOW-VALUES.

      * DIGEST RESPONSE: 112 bytes
       01  TT-DIGEST-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-DIGEST-LENGTH           PIC X(1).
           05  FILLER                     PIC X(5) VALUE LOW-VALUES.
           05  TT-DIGEST-VALUE            PIC X(64) VALUE LOW-VALUES.

      * QUERY_KEY REQUEST: 48 bytes
       01  TT-QUERY-KEY-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-KEY-PURPOSE             PIC X(16).
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(6) VALUE LOW-VALUES.

      * QUERY_KEY RESPONSE: 616 bytes
       01  TT-QUERY-KEY-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-KEY-ALGORITHM           PIC X(16).
           05  TT-KEY-STATE               PIC X(24).
           05  TT-CHECK-VALUE             PIC X(8).
           05  TT-KEY-EXPIRES-AT          PIC 9(18) COMP.
           05  TT-KEY-BLOCK               PIC X(512).

      * ISSUE_KEY REQUEST: 96 bytes
       01  TT-ISSUE-KEY-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-KEY-PURPOSE             PIC X(16).
           05  TT-KEY-ALGORITHM           PIC X(16).
           05  TT-TRANSPORT-KEY           PIC X(24).
           05  TT-OPERATOR                PIC X(16).

      * ISSUE_KEY RESPONSE: 616 bytes
       01  TT-ISSUE-KEY-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-KEY-ALGORITHM           PIC X(16).
           05  TT-KEY-STATE               PIC X(24).
           05  TT-CHECK-VALUE             PIC X(8).
           05  TT-KEY-EXPIRES-AT          PIC 9(18) COMP.
           05  TT-KEY-BLOCK               PIC X(512).

      * IMPORT_KEY REQUEST: 584 bytes
       01  TT-IMPORT-KEY-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-TRANSPORT-KEY           PIC X(24).
           05  TT-OPERATOR                PIC X(16).
           05  TT-CHECK-VALUE             PIC X(8).
           05  TT-KEY-BLOCK               PIC X(512).

      * IMPORT_KEY RESPONSE: 616 bytes
       01  TT-IMPORT-KEY-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-KEY-ALGORITHM           PIC X(16).
           05  TT-KEY-STATE               PIC X(24).
           05  TT-CHECK-VALUE             PIC X(8).
           05  TT-KEY-EXPIRES-AT          PIC 9(18) COMP.
           05  TT-KEY-BLOCK               PIC X(512).

      * RETIRE_KEY REQUEST: 56 bytes
       01  TT-RETIRE-KEY-REQ.
           05  TT-KEY                     PIC X(24).
           05  TT-KEY-PURPOSE             PIC X(16).
           05  TT-OPERATOR                PIC X(16).

      * RETIRE_KEY RESPONSE: 616 bytes
       01  TT-RETIRE-KEY-RESP.
           05  TT-DETAIL                  PIC X(32).
           05  TT-ENTRY-SHARD             PIC 9(4) COMP.
           05  TT-ENTRY-SEQ               PIC 9(18) COMP.
           05  TT-KEY-GENERATION          PIC 9(4) COMP.
           05  FILLER                     PIC X(4) VALUE LOW-VALUES.
           05  TT-KEY-ALGORITHM           PIC X(16).
           05  TT-KEY-STATE               PIC X(24).
           05  TT-CHECK-VALUE             PIC X(8).
           05  TT-KEY-EXPIRES-AT          PIC 9(18) COMP.
           05  TT-KEY-BLOCK               PIC X(512).
