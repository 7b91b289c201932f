<#import "template.ftl" as layout>
<@layout.emailLayout>
<p>${msg("enterpriseConnectInvitationMailGreeting")}</p>
<#if organizationName == applicationName && sender?has_content>
<p>${msg("enterpriseConnectInvitationMailFromOfRealm", sender, applicationName)}</p>
<#elseif organizationName == applicationName>
<p>${msg("enterpriseConnectInvitationMailTextOfRealm", applicationName)}</p>
<#elseif sender?has_content>
<p>${msg("enterpriseConnectInvitationMailFrom", sender, organizationName, applicationName)}</p>
<#else>
<p>${msg("enterpriseConnectInvitationMailText", organizationName, applicationName)}</p>
</#if>
<p>${msg("enterpriseConnectInvitationMailWhat")}</p>
<p><a href="${link}">${msg("enterpriseConnectInvitationMailLink")}</a></p>
<p>${msg("enterpriseConnectInvitationExpires", expires)}</p>
<p>${msg("enterpriseConnectInvitationMailUnexpected")}</p>
</@layout.emailLayout>
