<#ftl output_format="plainText">
${msg("enterpriseConnectNoticeText", organizationName, mailbox, realmName)}

${msg("enterpriseConnectNoticeAccess")}

${msg(optOut?then("enterpriseConnectNoticeOptOut", "enterpriseConnectNoticeQuestions"))}
