// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** What can be asked and told. */
public enum Transaction {
    /** {@code 0x0001}. */
    SIGN_ON(0x0001, false),
    /** {@code 0x0002}. */
    SIGN_OFF(0x0002, false),
    /** {@code 0x0003}. */
    HEARTBEAT(0x0003, false),
    /** {@code 0x0004}. */
    KEY_CHANGE(0x0004, false),
    /** {@code 0x0010}. */
    GREETING(0x0010, false),
    /** {@code 0x0011}. */
    DRAIN(0x0011, false),
    /** {@code 0x0012}. */
    KEY_CHANGE_DUE(0x0012, false),
    /** {@code 0x0101}. */
    REGISTER_USER(0x0101, false),
    /** {@code 0x0102}. */
    QUERY_USER(0x0102, true),
    /** {@code 0x0103}. */
    CLOSE_USER(0x0103, false),
    /** {@code 0x0201}. */
    BIND_TOKEN(0x0201, false),
    /** {@code 0x0202}. */
    UNBIND_TOKEN(0x0202, false),
    /** {@code 0x0203}. */
    ENABLE_TOKEN(0x0203, false),
    /** {@code 0x0204}. */
    DISABLE_TOKEN(0x0204, false),
    /** {@code 0x0205}. */
    UNLOCK_TOKEN(0x0205, false),
    /** {@code 0x0206}. */
    RESYNC_TOKEN(0x0206, false),
    /** {@code 0x0207}. */
    REPORT_LOSS(0x0207, false),
    /** {@code 0x0208}. */
    WITHDRAW_LOSS(0x0208, false),
    /** {@code 0x0209}. */
    REPLACE_TOKEN(0x0209, false),
    /** {@code 0x020A}. */
    VOID_TOKEN(0x020a, false),
    /** {@code 0x020B}. */
    RESTORE_TOKEN(0x020b, false),
    /** {@code 0x020C}. */
    ACTIVATE_TOKEN(0x020c, false),
    /** {@code 0x020D}. */
    ASSIGN_TOKEN(0x020d, false),
    /** {@code 0x020E}. */
    ISSUE_EMERGENCY_CODE(0x020e, false),
    /** {@code 0x020F}. */
    QUERY_TOKEN(0x020f, true),
    /** {@code 0x0210}. */
    START_ACTIVATION(0x0210, false),
    /** {@code 0x0211}. */
    VERIFY_EMERGENCY_CODE(0x0211, false),
    /** {@code 0x0212}. */
    ISSUE_ACTIVATION_CODE(0x0212, false),
    /** {@code 0x0301}. */
    VERIFY_OTP(0x0301, false),
    /** {@code 0x0302}. */
    VERIFY_PIN_OTP(0x0302, false),
    /** {@code 0x0303}. */
    SET_TOKEN_PIN(0x0303, false),
    /** {@code 0x0304}. */
    VERIFY_MSCHAPV2(0x0304, false),
    /** {@code 0x0305}. */
    VERIFY_CHAP(0x0305, false),
    /** {@code 0x0306}. */
    ISSUE_OCRA_CHALLENGE(0x0306, false),
    /** {@code 0x0307}. */
    VERIFY_OCRA(0x0307, false),
    /** {@code 0x0308}. */
    HOST_CODE(0x0308, false),
    /** {@code 0x0310}. */
    ASK_CARD(0x0310, false),
    /** {@code 0x0311}. */
    VERIFY_CARD(0x0311, false),
    /** {@code 0x0401}. */
    QUERY_SERIAL(0x0401, true),
    /** {@code 0x0402}. */
    QUERY_REFERENCE(0x0402, true),
    /** {@code 0x0403}. */
    CANCEL_SERIAL(0x0403, false),
    /** {@code 0x0501}. */
    BIND_PHONE(0x0501, false),
    /** {@code 0x0502}. */
    CHANGE_PHONE(0x0502, false),
    /** {@code 0x0503}. */
    CANCEL_PHONE_CHANGE(0x0503, false),
    /** {@code 0x0504}. */
    UNBIND_PHONE(0x0504, false),
    /** {@code 0x0505}. */
    QUERY_PHONE(0x0505, false),
    /** {@code 0x0506}. */
    UNLOCK_SMS(0x0506, false),
    /** {@code 0x0507}. */
    SEND_SMS_CODE(0x0507, false),
    /** {@code 0x0508}. */
    VERIFY_SMS_CODE(0x0508, false),
    /** {@code 0x0509}. */
    VERIFY_SMS_MSCHAP(0x0509, false),
    /** {@code 0x050A}. */
    QUERY_SMS(0x050a, false),
    /** {@code 0x050B}. */
    REGISTER_APP_KEY(0x050b, false),
    /** {@code 0x050C}. */
    REMOVE_APP_KEY(0x050c, false),
    /** {@code 0x050D}. */
    SEND_SMS_WARNING(0x050d, false),
    /** {@code 0x0601}. */
    SET_PASSWORD(0x0601, false),
    /** {@code 0x0602}. */
    CHANGE_PASSWORD(0x0602, false),
    /** {@code 0x0603}. */
    RESET_PASSWORD(0x0603, false),
    /** {@code 0x0604}. */
    VERIFY_PASSWORD(0x0604, false),
    /** {@code 0x0605}. */
    QUERY_PASSWORD(0x0605, true),
    /** {@code 0x0606}. */
    UNLOCK_PASSWORD(0x0606, false),
    /** {@code 0x0607}. */
    DISABLE_PASSWORD(0x0607, false),
    /** {@code 0x0608}. */
    ENABLE_PASSWORD(0x0608, false),
    /** {@code 0x0701}. */
    BEGIN_FLOW(0x0701, false),
    /** {@code 0x0702}. */
    BEGIN_OWN_FLOW(0x0702, false),
    /** {@code 0x0703}. */
    FLOW_STEP(0x0703, false),
    /** {@code 0x0704}. */
    QUERY_FLOW(0x0704, true),
    /** {@code 0x0705}. */
    CANCEL_FLOW(0x0705, false),
    /** {@code 0x0801}. */
    BEGIN_TRANSACTION_VERIFICATION(0x0801, false),
    /** {@code 0x0802}. */
    CONFIRM_BY_SERVICE(0x0802, false),
    /** {@code 0x0803}. */
    COMPLETE_TRANSACTION_VERIFICATION(0x0803, false),
    /** {@code 0x0804}. */
    QUERY_TRANSACTION_VERIFICATION(0x0804, true),
    /** {@code 0x0901}. */
    SET_GREETING(0x0901, false),
    /** {@code 0x0902}. */
    GET_GREETING(0x0902, true),
    /** {@code 0x0B01}. */
    GENERATE_MAC(0x0b01, false),
    /** {@code 0x0B02}. */
    VERIFY_MAC(0x0b02, false),
    /** {@code 0x0B03}. */
    ENCIPHER_FIELD(0x0b03, false),
    /** {@code 0x0B04}. */
    DECIPHER_FIELD(0x0b04, false),
    /** {@code 0x0B05}. */
    TRANSLATE_PIN(0x0b05, false),
    /** {@code 0x0B06}. */
    VERIFY_PIN(0x0b06, false),
    /** {@code 0x0B07}. */
    MAKE_PIN_VALUE(0x0b07, false),
    /** {@code 0x0B08}. */
    DRAW_RANDOM(0x0b08, true),
    /** {@code 0x0B09}. */
    DIGEST(0x0b09, true),
    /** {@code 0x0B0A}. */
    QUERY_KEY(0x0b0a, true),
    /** {@code 0x0B0B}. */
    ISSUE_KEY(0x0b0b, false),
    /** {@code 0x0B0C}. */
    IMPORT_KEY(0x0b0c, false),
    /** {@code 0x0B0D}. */
    RETIRE_KEY(0x0b0d, false);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static Transaction of(int number) {
        for (Transaction value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    private final boolean readOnly;

    Transaction(int number, boolean readOnly) {
        this.number = number;
        this.readOnly = readOnly;
    }

    /** Whether it changes nothing, so that its outcome is never in doubt. */
    public boolean isReadOnly() {
        return readOnly;
    }
}
