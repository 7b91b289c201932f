<#import "template.ftl" as layout>
<@layout.emailLayout>
<p>${msg("enterpriseConnectNoticeText", organizationName, mailbox, realmName)}</p>
<p>${msg("enterpriseConnectNoticeAccess")}</p>
<p>${msg(optOut?then("enterpriseConnectNoticeOptOut", "enterpriseConnectNoticeQuestions"))}</p>
</@layout.emailLayout>
